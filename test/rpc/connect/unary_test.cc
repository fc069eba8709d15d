#include "rpc/connect/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "call_fixture.h"
#include "every_kind.pb.h"
#include "rpc/connect/compression.h"

namespace coupond::connect {
namespace {

class UnaryCallTest : public testing::Test {
 protected:
  std::unique_ptr<UnaryCall> Call(Dialect dialect,
                                  Compression compression = Compression::kIdentity) {
    return std::make_unique<UnaryCall>(fixture_.Start<connecttest::Item>(dialect, compression));
  }

  CallFixture fixture_;
  std::shared_ptr<FakeExchange>& exchange_ = fixture_.exchange;
  connecttest::Item item_;
};

TEST_F(UnaryCallTest, FinishAnswersInTheCallsCodec) {
  item_.set_code("x");
  Call(kUnaryJson)->Finish(item_);
  EXPECT_EQ(exchange_->response().status, 200);
  EXPECT_EQ(exchange_->response().content_type, "application/json");
  EXPECT_EQ(exchange_->response().body, R"({"code":"x"})");

  exchange_ = std::make_shared<FakeExchange>();
  Call(kUnaryProto)->Finish(item_);
  EXPECT_EQ(exchange_->response().content_type, "application/proto");
  EXPECT_EQ(exchange_->response().body, item_.SerializeAsString());
}

TEST_F(UnaryCallTest, ErrorsAreJsonInEitherCodec) {
  Call(kUnaryProto)
      ->Fail({.code = Code::kUnavailable, .message = "later", .headers = {{"Retry-After", "1"}}});
  EXPECT_EQ(exchange_->response().status, 503);
  EXPECT_EQ(exchange_->response().content_type, "application/json");
  EXPECT_EQ(exchange_->response().body, R"({"code":"unavailable","message":"later"})");
  EXPECT_EQ(exchange_->Header("Retry-After"), "1");
}

TEST_F(UnaryCallTest, TrailersAreHeadersWithAPrefix) {
  for (const bool fails : {false, true}) {
    exchange_ = std::make_shared<FakeExchange>();
    auto call = Call(kUnaryJson);
    call->headers().emplace_back("x-first", "1");
    call->trailers().emplace_back("x-last", "2");
    if (fails) {
      call->Fail({.code = Code::kAborted, .message = {}, .headers = {{"x-error", "3"}}});
      EXPECT_EQ(exchange_->Header("x-error"), "3");
    } else {
      call->Finish(item_);
    }
    EXPECT_EQ(exchange_->Header("x-first"), "1");
    EXPECT_EQ(exchange_->Header("Trailer-x-last"), "2");
  }
}

TEST_F(UnaryCallTest, CompressesIfTheClientAcceptsIt) {
  item_.set_code(std::string(5'000, 'x'));
  Call(kUnaryProto, Compression::kGzip)->Finish(item_);
  EXPECT_EQ(exchange_->Header("Content-Encoding"), "gzip");
  EXPECT_LT(exchange_->response().body.size(), 200U);
  EXPECT_EQ(Gunzip(exchange_->response().body, 10'000), item_.SerializeAsString());
}

TEST_F(UnaryCallTest, SmallMessagesAreNotCompressed) {
  CallStart start = fixture_.Start<connecttest::Item>(kUnaryJson, Compression::kGzip);
  start.format.compress_bytes_min = 100;
  UnaryCall(std::move(start)).Finish(item_);
  EXPECT_EQ(exchange_->Header("Content-Encoding"), "");
  EXPECT_EQ(exchange_->response().body, R"({"code":""})");
}

TEST_F(UnaryCallTest, OverGrpcWebIsAnEnvelopeAndTrailers) {
  item_.set_code("x");
  auto call = Call(kGrpcWebProto);
  call->trailers().emplace_back("X-Last", "2");
  call->Finish(item_);
  EXPECT_EQ(exchange_->response().status, 200);
  EXPECT_EQ(exchange_->response().content_type, "application/grpc-web+proto");
  std::string expected("\0\0\0\0\x03\x0a\x01x", 8);
  expected.append("\x80\0\0\0\x1b", 5).append("grpc-status: 0\r\nx-last: 2\r\n");
  EXPECT_EQ(exchange_->response().body, expected);
}

TEST_F(UnaryCallTest, OverGrpcWebAnErrorIsATrailer) {
  Call(kGrpcWebProto)->Fail({.code = Code::kNotFound, .message = "50% of \xc3\xa9"});
  EXPECT_EQ(exchange_->response().status, 200);
  const std::string trailers = "grpc-status: 5\r\ngrpc-message: 50%25 of %C3%A9\r\n";
  EXPECT_EQ(exchange_->response().body,
            std::string("\x80\0\0\0", 4).append(1, static_cast<char>(trailers.size())) + trailers);
}

TEST_F(UnaryCallTest, ADeadlineAnswersAndLaterAnswersAreDropped) {
  for (const Dialect dialect : {kUnaryJson, kGrpcWebProto}) {
    exchange_ = std::make_shared<FakeExchange>();
    fixture_.timeout = std::chrono::milliseconds(50);
    auto call = Call(dialect);
    fixture_.executor.Advance(std::chrono::milliseconds(49));
    EXPECT_FALSE(exchange_->answered());
    fixture_.executor.Advance(std::chrono::milliseconds(1));
    ASSERT_TRUE(exchange_->answered());
    EXPECT_THAT(exchange_->response().body,
                testing::HasSubstr(dialect == kUnaryJson ? "deadline_exceeded" : "grpc-status: 4"));
    EXPECT_EQ(exchange_->response().status, dialect == kUnaryJson ? 504 : 200);
    call->Finish(item_);
    call->Fail({.code = Code::kInternal, .message = {}});
  }
}

TEST_F(UnaryCallTest, AnAnswerInTimeIsTheOnlyOne) {
  fixture_.timeout = std::chrono::milliseconds(50);
  Call(kUnaryJson)->Finish(item_);
  fixture_.executor.Advance(std::chrono::milliseconds(100));
  EXPECT_EQ(exchange_->response().status, 200);
}

TEST_F(UnaryCallTest, AGetHasCacheHeadersAndAnEntityTag) {
  const auto get = [&](std::string known) {
    exchange_ = std::make_shared<FakeExchange>();
    CallStart start = fixture_.Start<connecttest::Item>(kUnaryJson);
    start.is_get = true;
    start.known_entity_tags = std::move(known);
    UnaryCall(std::move(start)).Finish(item_);
  };
  get("");
  EXPECT_EQ(exchange_->Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(exchange_->Header("Cache-Control"), "no-cache");
  const std::string tag = exchange_->Header("ETag");
  ASSERT_GT(tag.size(), 2U);
  get(tag);
  EXPECT_EQ(exchange_->response().status, 304);
  EXPECT_EQ(exchange_->response().body, "");
  get("\"other\", W/" + tag);
  EXPECT_EQ(exchange_->response().status, 304);
  item_.set_code("changed");
  get(tag);
  EXPECT_EQ(exchange_->response().status, 200);
  EXPECT_NE(exchange_->Header("ETag"), tag);
}

TEST_F(UnaryCallTest, MayBeAnsweredLater) {
  auto call = Call(kUnaryJson);
  EXPECT_FALSE(exchange_->answered());
  call->Finish(item_);
  EXPECT_TRUE(exchange_->answered());
}

TEST_F(UnaryCallTest, DroppedUnansweredIsInternal) {
  Call(kUnaryProto).reset();
  EXPECT_EQ(exchange_->response().status, 500);
  EXPECT_EQ(exchange_->response().body,
            R"({"code":"internal","message":"the call was dropped without an answer"})");
}

TEST_F(UnaryCallTest, AResponseThatCannotBeEncodedIsInternal) {
  item_.mutable_issued_at()->set_nanos(-1);
  Call(kUnaryJson)->Finish(item_);
  EXPECT_EQ(exchange_->response().status, 500);
}

using UnaryCallDeathTest = UnaryCallTest;

TEST_F(UnaryCallDeathTest, AnsweringTwiceIsABug) {
  EXPECT_DEATH(
      {
        auto call = Call(kUnaryJson);
        call->Finish(item_);
        call->Finish(item_);
      },
      "check failed: exchange_");
}

TEST_F(UnaryCallDeathTest, AnsweringWithAnotherTypeIsABug) {
  EXPECT_DEATH(Call(kUnaryJson)->Finish(connecttest::Basket()), "check failed");
}

}  // namespace
}  // namespace coupond::connect

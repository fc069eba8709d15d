// Responses in parts: the client's bytes parse as one message.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "call_fixture.h"
#include "every_kind.pb.h"
#include "rpc/connect/call.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/parts.h"
#include "rpc/json/json_reader.h"

namespace coupond::connect {
namespace {

using connecttest::Basket;
using Progress = PartSource::Progress;

/// Delivers the given parts one by one, the last with the given progress.
class ListedParts final : public PartSource {
 public:
  ListedParts(std::vector<Basket> parts, Progress last) : parts_(std::move(parts)), last_(last) {}

  void Next(const EncodePart& encode, Deliver deliver) override {
    const Basket& part = parts_.at(next_++);
    const bool is_last = next_ == parts_.size();
    // Encoded on another thread, as a query thread would.
    EncodedPart encoded;
    const Progress progress = is_last ? last_ : Progress::kMore;
    std::thread([&encoded, &part, progress, encode] { encoded = encode(progress, part); }).join();
    deliver(progress, std::move(encoded));
  }

 private:
  std::vector<Basket> parts_;
  Progress last_;
  std::size_t next_ = 0;
};

Basket BasketOf(std::vector<std::string> codes) {
  Basket basket;
  for (std::string& code : codes) basket.add_items()->set_code(std::move(code));
  return basket;
}

/// Returns the body that a client gets, or nullopt if the response was cut off.
std::optional<std::string> Body(Dialect dialect, const Basket& first, std::vector<Basket> parts,
                                Progress last = Progress::kEnd,
                                Compression compression = Compression::kIdentity) {
  CallFixture fixture;
  UnaryCall call(fixture.Start<Basket>(dialect, compression));
  call.FinishInParts(first, Basket::kItemsFieldNumber,
                     std::make_unique<ListedParts>(std::move(parts), last));
  EXPECT_EQ(fixture.exchange->response().status, 200);
  EXPECT_EQ(fixture.exchange->response().content_type, ContentTypeOf(dialect));
  return fixture.exchange->WholeBody();
}
std::optional<std::string> Body(Codec codec, const Basket& first, std::vector<Basket> parts,
                                Progress last = Progress::kEnd) {
  return Body(Dialect{Protocol::kConnectUnary, codec}, first, std::move(parts), last);
}

TEST(Parts, JsonHasTheRepeatedFieldLast) {
  Basket first;
  first.set_owner("me");
  first.set_total(2);
  EXPECT_EQ(Body(Codec::kJson, first, {BasketOf({"a"}), BasketOf({"b"})}),
            R"({"owner":"me","total":2,"items":[{"code":"a"},{"code":"b"}]})");
}

TEST(Parts, ParseBackToTheWholeMessage) {
  const std::vector<std::vector<Basket>> splits = {
      {Basket()},
      {BasketOf({"a"})},
      {BasketOf({"a", "b"}), BasketOf({"c"})},
      {Basket(), BasketOf({"a"}), Basket(), BasketOf({"b", "c"}), Basket()},
  };
  for (Basket first : {BasketOf({}), BasketOf({"x"}), BasketOf({"x", "y"})}) {
    first.set_owner("me");
    first.set_total(9);
    for (const std::vector<Basket>& parts : splits) {
      Basket whole = first;
      for (const Basket& part : parts) whole.MergeFrom(part);

      Basket from_json;
      const auto json = Body(Codec::kJson, first, parts);
      ASSERT_TRUE(json.has_value());
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*json, &from_json).ok()) << *json;
      EXPECT_EQ(from_json.DebugString(), whole.DebugString());
      const JsonFormat format(Basket::descriptor());
      ASSERT_TRUE(ReadJson(format, *json, from_json).has_value()) << *json;

      Basket from_proto;
      const auto bytes = Body(Codec::kProto, first, parts);
      ASSERT_TRUE(bytes && from_proto.ParseFromString(*bytes));
      EXPECT_EQ(from_proto.DebugString(), whole.DebugString());
    }
  }
}

TEST(Parts, AFailedSourceCutsTheResponse) {
  for (const Codec codec : {Codec::kJson, Codec::kProto}) {
    EXPECT_EQ(Body(codec, Basket(), {BasketOf({"a"}), BasketOf({"b"})}, Progress::kFailed),
              std::nullopt);
  }
}

TEST(Parts, APartThatCannotBeEncodedCutsTheResponse) {
  Basket bad = BasketOf({"a"});
  bad.mutable_items(0)->mutable_issued_at()->set_nanos(-1);
  EXPECT_EQ(Body(Codec::kJson, Basket(), {bad}), std::nullopt);
}

TEST(Parts, AFirstPartThatCannotBeEncodedIsInternal) {
  Basket bad = BasketOf({"a"});
  bad.mutable_items(0)->mutable_issued_at()->set_nanos(-1);
  CallFixture fixture;
  const auto& exchange = fixture.exchange;
  UnaryCall call(fixture.Start<Basket>(kUnaryJson));
  call.FinishInParts(bad, Basket::kItemsFieldNumber, nullptr);
  EXPECT_EQ(exchange->response().status, 500);
  EXPECT_EQ(exchange->pieces(), nullptr);
}

/// Keeps the callback for later.
class LateParts final : public PartSource {
 public:
  LateParts(EncodePart& encode, Deliver& kept) : encode_(encode), kept_(kept) {}
  void Next(const EncodePart& encode, Deliver deliver) override {
    encode_ = encode;
    kept_ = std::move(deliver);
  }

 private:
  EncodePart& encode_;
  Deliver& kept_;
};

TEST(Parts, MayArriveAfterTheBodyIsDestroyed) {
  EncodePart encode;
  PartSource::Deliver kept;
  CallFixture fixture;
  {
    UnaryCall call(fixture.Start<Basket>(kUnaryJson));
    call.FinishInParts(Basket(), Basket::kItemsFieldNumber,
                       std::make_unique<LateParts>(encode, kept));
  }
  std::string received;
  fixture.exchange->pieces()->Next(
      [&](Progress, std::string piece) { received = std::move(piece); });
  fixture.exchange.reset();
  kept(Progress::kEnd, encode(Progress::kEnd, BasketOf({"a"})));
  EXPECT_EQ(received, R"({"code":"a"}]})");
}

TEST(Parts, AreCompressedTogether) {
  for (const Dialect dialect : {kUnaryJson, kUnaryProto}) {
    const Basket first = BasketOf({"x"});
    const std::vector<Basket> parts = {BasketOf({"a", "b"}), BasketOf({}), BasketOf({"c"})};
    const auto body = Body(dialect, first, parts, Progress::kEnd, Compression::kGzip);
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(Gunzip(*body, 10'000).value_or("not gzip"), *Body(dialect, first, parts));
  }
}

TEST(Parts, OverGrpcWebTheyAreGatheredIntoOneEnvelope) {
  Basket whole = BasketOf({"x", "a", "b"});
  const auto body = Body(kGrpcWebProto, BasketOf({"x"}), {BasketOf({"a"}), BasketOf({"b"})});
  ASSERT_TRUE(body.has_value());
  std::string expected;
  AppendEnvelope(0, whole.SerializeAsString(), expected);
  AppendEnvelope(kGrpcWebTrailersFlag, "grpc-status: 0\r\n", expected);
  EXPECT_EQ(*body, expected);
}

TEST(Parts, OverGrpcWebMoreThanTheLimitIsRefused) {
  const std::vector<Basket> parts(10, BasketOf({std::string(kGatheredBytesMax / 9, 'x')}));
  EXPECT_THAT(Body(kGrpcWebProto, Basket(), parts).value_or(""),
              testing::HasSubstr("grpc-status: 8"));
}

TEST(Parts, OverGrpcWebAMethodMayAllowMore) {
  EncodePart encode;
  PartSource::Deliver kept;
  for (const std::size_t bytes : {2 * kGatheredBytesMax - 100, 2 * kGatheredBytesMax}) {
    CallFixture fixture;
    UnaryCall(fixture.Start<Basket>(kGrpcWebProto))
        .FinishInParts(Basket(), Basket::kItemsFieldNumber,
                       std::make_unique<LateParts>(encode, kept), 2 * kGatheredBytesMax);
    kept(Progress::kEnd, encode(Progress::kEnd, BasketOf({std::string(bytes, 'x')})));
    EXPECT_THAT(
        fixture.exchange->response().body,
        testing::HasSubstr(bytes < 2 * kGatheredBytesMax ? "grpc-status: 0" : "grpc-status: 8"));
  }
}

TEST(Parts, OverGrpcWebAFailedSourceIsInternal) {
  EXPECT_THAT(
      Body(kGrpcWebJson, Basket(), {BasketOf({"a"}), Basket()}, Progress::kFailed).value_or(""),
      testing::HasSubstr("grpc-status: 13"));
}

TEST(Parts, OverGrpcWebTheErrorOfASourceIsSent) {
  EncodePart encode;
  PartSource::Deliver kept;
  CallFixture fixture;
  UnaryCall(fixture.Start<Basket>(kGrpcWebProto))
      .FinishInParts(Basket(), Basket::kItemsFieldNumber,
                     std::make_unique<LateParts>(encode, kept));
  kept(Progress::kFailed,
       std::unexpected(Error{
           .code = Code::kUnavailable, .message = "busy", .headers = {{"Retry-After", "1"}}}));
  EXPECT_THAT(fixture.exchange->response().body, testing::HasSubstr("grpc-status: 14"));
  EXPECT_THAT(fixture.exchange->response().body, testing::HasSubstr("retry-after: 1"));
}

TEST(Parts, OverGrpcWebTheDeadlineHolds) {
  EncodePart encode;
  PartSource::Deliver kept;
  CallFixture fixture;
  fixture.timeout = std::chrono::milliseconds(50);
  UnaryCall(fixture.Start<Basket>(kGrpcWebProto))
      .FinishInParts(Basket(), Basket::kItemsFieldNumber,
                     std::make_unique<LateParts>(encode, kept));
  fixture.executor.Advance(std::chrono::milliseconds(50));
  ASSERT_TRUE(fixture.exchange->answered());
  EXPECT_THAT(fixture.exchange->response().body, testing::HasSubstr("grpc-status: 4"));
  kept(Progress::kEnd, encode(Progress::kEnd, BasketOf({"a"})));  // has no effect
}

TEST(Parts, OverGrpcWebTheyMayArriveLater) {
  EncodePart encode;
  PartSource::Deliver kept;
  CallFixture fixture;
  UnaryCall(fixture.Start<Basket>(kGrpcWebJson))
      .FinishInParts(Basket(), Basket::kItemsFieldNumber,
                     std::make_unique<LateParts>(encode, kept));
  EXPECT_FALSE(fixture.exchange->answered());
  auto first = std::exchange(kept, nullptr);
  first(Progress::kMore, encode(Progress::kMore, BasketOf({"a"})));
  kept(Progress::kEnd, encode(Progress::kEnd, BasketOf({"b"})));
  EXPECT_THAT(fixture.exchange->response().body,
              testing::HasSubstr(R"("items":[{"code":"a"},{"code":"b"}]})"));
}

}  // namespace
}  // namespace coupond::connect

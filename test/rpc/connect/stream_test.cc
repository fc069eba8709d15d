#include "rpc/connect/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/connect/compression.h"
#include "rpc/connect/envelope.h"
#include "stream_fixture.h"

namespace coupond::connect {
namespace {

using connecttest::Item;
using testing::HasSubstr;
using testing::IsEmpty;
using Progress = http::BodySource::Progress;

/// Keeps its turn.
class SilentSource final : public MessageSource {
 public:
  void Next(StreamTurn turn) override { turn_.emplace(std::move(turn)); }

 private:
  std::optional<StreamTurn> turn_;
};

TEST_F(StreamCallTest, TheHeadersAreSentBeforeAnyMessage) {
  auto call = Call();
  call->headers().emplace_back("x-first", "1");
  call->trailers().emplace_back("x-last", "2");
  Begin(std::move(call));
  EXPECT_EQ(exchange_->response().status, 200);
  EXPECT_EQ(exchange_->response().content_type, "application/connect+json");
  EXPECT_EQ(exchange_->response().body, "");
  EXPECT_EQ(exchange_->Header("x-first"), "1");
  EXPECT_EQ(exchange_->Header("Cache-Control"), "no-store, no-transform");
  EXPECT_EQ(exchange_->Header("X-Accel-Buffering"), "no");
  EXPECT_EQ(exchange_->response().headers.size(), 3U) << "no trailer among them";
  EXPECT_TRUE(exchange_->pieces()->waits_for_events());
  EXPECT_THAT(pieces_, IsEmpty());
  TakeTurn().Finish();
  EXPECT_EQ(TakePiece(Progress::kEnd),
            Enveloped(kConnectEndFlag, R"({"metadata":{"x-last":["2"]}})"));
}

TEST_F(StreamCallTest, AMessageMayBeEncodedOnAnotherThread) {
  for (const Compression compression : {Compression::kIdentity, Compression::kGzip}) {
    Begin(Call(kStreamJson, compression));
    const Item item = ItemOf(std::string(2'000, 'x'));
    StreamTurn turn = TakeTurn();
    EncodedPart encoded;
    std::thread([&encoded, &item, encode = turn.encoder()] { encoded = encode(item); }).join();
    ExpectQuiet();
    ASSERT_TRUE(encoded);
    turn.SendEncoded(*encoded);
    const std::string sent = TakePiece(Progress::kMore);
    Ask();
    TakeTurn().Send(item);
    EXPECT_EQ(sent, TakePiece(Progress::kMore)) << "not as Send encodes it";
    exchange_ = std::make_shared<FakeExchange>();
  }
}

TEST_F(StreamCallTest, AMessageMayBeSentInParts) {
  for (const Compression compression : {Compression::kIdentity, Compression::kGzip}) {
    Begin(Call(kStreamJson, compression));
    const std::string code(2'000, 'x');
    const std::array<std::string_view, 3> parts = {R"({"code":")", code, R"("})"};
    TakeTurn().SendParts(parts);
    EXPECT_EQ(TakePiece(Progress::kMore), Enveloped(0, R"({"code":")" + code + R"("})"));
    exchange_ = std::make_shared<FakeExchange>();
  }
}

TEST_F(StreamCallTest, AnEncoderOutlivesItsStream) {
  Begin(Call());
  StreamTurn turn = TakeTurn();
  const EncodeMessage encode = turn.encoder();
  exchange_->pieces()->OnServerStopping();
  EXPECT_EQ(progress_, std::vector{Progress::kEnd});
  turn.SendEncoded(*encode(ItemOf("late")));
  EXPECT_EQ(progress_, std::vector{Progress::kEnd}) << "nothing follows the end";
  exchange_ = std::make_shared<FakeExchange>();
  EXPECT_EQ(encode(ItemOf("a")), Enveloped(0, R"({"code":"a"})"));
}

TEST_F(StreamCallTest, EachTurnSendsOneEnvelope) {
  Begin(Call());
  for (const char* code : {"a", "b", "c"}) {
    TakeTurn().Send(ItemOf(code));
    EXPECT_EQ(TakePiece(Progress::kMore),
              Enveloped(0, R"({"code":")" + std::string(code) + R"("})"));
    ExpectQuiet();  // until the client is ready for more
    Ask();
  }
  TakeTurn().Finish();
  EXPECT_EQ(TakePiece(Progress::kEnd), Enveloped(kConnectEndFlag, "{}"));
  ExpectQuiet();
}

TEST_F(StreamCallTest, OverGrpcWebTheEndIsATrailersFrame) {
  for (const Dialect dialect : {kGrpcWebProto, kGrpcWebJson}) {
    exchange_ = std::make_shared<FakeExchange>();
    auto call = Call(dialect);
    call->trailers().emplace_back("X-Last", "2");
    Begin(std::move(call));
    EXPECT_EQ(exchange_->response().content_type, ContentTypeOf(dialect));
    TakeTurn().Send(ItemOf("a"));
    EXPECT_EQ(TakePiece(Progress::kMore),
              Enveloped(0, dialect == kGrpcWebProto ? "\x0a\x01\x61" : R"({"code":"a"})"));
    Ask();
    TakeTurn().Fail({.code = Code::kAborted, .message = "50%"});
    EXPECT_EQ(
        TakePiece(Progress::kEnd),
        Enveloped(kGrpcWebTrailersFlag, "grpc-status: 10\r\ngrpc-message: 50%25\r\nx-last: 2\r\n"));
  }
}

TEST_F(StreamCallTest, AFailureBeforeTheSourceIsAFullResponse) {
  Call()->Fail({.code = Code::kNotFound, .message = "no"});
  EXPECT_EQ(exchange_->response().status, 200);
  EXPECT_EQ(exchange_->pieces(), nullptr);
  EXPECT_EQ(exchange_->response().body,
            Enveloped(kConnectEndFlag, R"({"error":{"code":"not_found","message":"no"}})"));
}

TEST_F(StreamCallTest, AFailureAfterMessagesEndsTheStream) {
  Begin(Call());
  TakeTurn().Send(ItemOf("a"));
  TakePiece(Progress::kMore);
  Ask();
  TakeTurn().Fail({.code = Code::kDataLoss, .message = {}, .headers = {{"Retry-After", "1"}}});
  EXPECT_EQ(TakePiece(Progress::kEnd),
            Enveloped(kConnectEndFlag,
                      R"({"error":{"code":"data_loss"},"metadata":{"Retry-After":["1"]}})"));
}

TEST_F(StreamCallTest, ADroppedTurnFailsTheStream) {
  Begin(Call());
  {
    const StreamTurn dropped = TakeTurn();
  }
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr(R"("code":"internal")"));
}

TEST_F(StreamCallTest, ATurnMayBeMovedAndOverwritten) {
  Begin(Call());
  StreamTurn turn = TakeTurn();
  StreamTurn moved = std::move(turn);
  moved.Send(ItemOf("a"));
  TakePiece(Progress::kMore);
  Ask();
  moved = TakeTurn();
  ExpectQuiet();
  moved = StreamTurn(nullptr);
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr("internal")) << "the overwritten one is dropped";
}

TEST_F(StreamCallTest, AMessageThatCannotBeEncodedFailsIt) {
  Begin(Call());
  Item bad;
  bad.mutable_issued_at()->set_nanos(-1);
  TakeTurn().Send(bad);
  const std::string end = TakePiece(Progress::kEnd);
  EXPECT_EQ(end[0], static_cast<char>(kConnectEndFlag));
  EXPECT_THAT(end, HasSubstr(R"("code":"internal")"));
}

TEST_F(StreamCallTest, MessagesAreCompressedOneByOne) {
  for (const Dialect dialect : {kStreamJson, kGrpcWebJson}) {
    exchange_ = std::make_shared<FakeExchange>();
    CallStart start = fixture_.Start<Item>(dialect, Compression::kGzip);
    start.format.compress_bytes_min = 100;
    Begin(std::make_unique<StreamCall>(std::move(start)));
    EXPECT_EQ(
        exchange_->Header(dialect == kStreamJson ? "Connect-Content-Encoding" : "Grpc-Encoding"),
        "gzip");
    TakeTurn().Send(ItemOf(std::string(5'000, 'x')));
    const std::string large = TakePiece(Progress::kMore);
    EXPECT_LT(large.size(), 200U);
    const auto envelope = ReadOnlyEnvelope(large, 1'000);
    ASSERT_TRUE(envelope.has_value() && envelope->compressed);
    EXPECT_EQ(Gunzip(envelope->message, 10'000),
              R"({"code":")" + std::string(5'000, 'x') + R"("})");
    Ask();
    TakeTurn().Send(ItemOf("short"));
    EXPECT_EQ(TakePiece(Progress::kMore), Enveloped(0, R"({"code":"short"})"));
    Ask();
    TakeTurn().Finish();
    EXPECT_EQ(TakePiece(Progress::kEnd),
              dialect == kStreamJson ? Enveloped(kConnectEndFlag, "{}")
                                     : Enveloped(kGrpcWebTrailersFlag, "grpc-status: 0\r\n"));
  }
}

TEST_F(StreamCallTest, DroppedUnansweredIsInternal) {
  Call().reset();
  EXPECT_EQ(exchange_->response().status, 200);
  EXPECT_THAT(exchange_->response().body, HasSubstr("dropped without an answer"));
}

/// Sends at once in each turn.
class CountingSource final : public MessageSource {
 public:
  void Next(StreamTurn turn) override {
    if (++count_ > 100'000) return turn.Finish();
    turn.Send(Item());
  }

 private:
  int count_ = 0;
};

TEST_F(StreamCallTest, ManyMessagesAtOnceUseNoStack) {
  Call(kGrpcWebProto)->Respond(std::make_unique<CountingSource>());
  EXPECT_EQ(exchange_->WholeBody().value_or("").size(),
            100'000 * kEnvelopeHeadBytes + kEnvelopeHeadBytes + 16);
}

using StreamCallDeathTest = StreamCallTest;

TEST_F(StreamCallDeathTest, UsingATurnTwiceIsABug) {
  const auto use_twice = [this](auto second) {
    Begin(Call());
    StreamTurn turn = TakeTurn();
    turn.Send(ItemOf("a"));
    second(turn);
  };
  EXPECT_DEATH(use_twice([](StreamTurn& turn) { turn.Send(ItemOf("b")); }),
               "check failed: channel_");
  EXPECT_DEATH(use_twice([](StreamTurn& turn) { turn.Finish(); }), "check failed: channel_");
  EXPECT_DEATH(use_twice([](StreamTurn& turn) { turn.Fail({}); }), "check failed: channel_");
}

TEST_F(StreamCallDeathTest, AnsweringTwiceIsABug) {
  EXPECT_DEATH(
      {
        auto call = Call();
        call->Respond(std::make_unique<SilentSource>());
        call->Respond(std::make_unique<SilentSource>());
      },
      "check failed: exchange_");
}

TEST_F(StreamCallDeathTest, SendingAnotherTypeIsABug) {
  EXPECT_DEATH(
      {
        Begin(Call());
        TakeTurn().Send(connecttest::Basket());
      },
      "check failed");
}

}  // namespace
}  // namespace coupond::connect

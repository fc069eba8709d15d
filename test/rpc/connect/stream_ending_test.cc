// Streams that are ended from outside: by the clock, the server or the client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "stream_fixture.h"

namespace coupond::connect {
namespace {

using connecttest::Item;
using std::chrono::hours;
using testing::HasSubstr;
using testing::IsEmpty;
using Progress = http::BodySource::Progress;

/// Keeps its turn until it is destroyed.
class HoardingSource final : public MessageSource {
 public:
  void Next(StreamTurn turn) override { turn_.emplace(std::move(turn)); }

 private:
  std::optional<StreamTurn> turn_;
};

/// Hands the test what ends the stream, and says when it is destroyed.
class TestGuard final : public StreamGuard {
 public:
  TestGuard(End& end, bool& destroyed) : end_(end), destroyed_(destroyed) {}
  ~TestGuard() override { destroyed_ = true; }
  void Begin(End end) override { end_ = std::move(end); }

 private:
  End& end_;
  bool& destroyed_;
};

class GuardedStreamTest : public StreamCallTest {
 public:
  /// The guard uses members of this fixture.
  ~GuardedStreamTest() override {
    turns_.clear();
    exchange_.reset();
  }

 protected:
  std::unique_ptr<StreamCall> GuardedCall() {
    auto call = Call();
    call->GuardBy(std::make_unique<TestGuard>(end_, guard_destroyed_));
    return call;
  }
  void EndFromOutside() {
    std::exchange(end_, nullptr)({.code = Code::kUnauthenticated, .message = "not any more"});
  }

  StreamGuard::End end_;
  bool guard_destroyed_ = false;
};

TEST_F(GuardedStreamTest, EndsDuringATurn) {
  Begin(GuardedCall());
  EndFromOutside();
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr(R"("code":"unauthenticated")"));
  TakeTurn().Send(ItemOf("too late"));
  ExpectQuiet();
}

TEST_F(GuardedStreamTest, EndsOnceTheClientHasReadWhatWasSent) {
  Begin(GuardedCall());
  TakeTurn().Send(ItemOf("a"));
  TakePiece(Progress::kMore);
  EndFromOutside();
  ExpectQuiet();
  Ask();
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr("not any more"));
  EXPECT_THAT(turns_, IsEmpty()) << "the source is not asked any more";
}

TEST_F(GuardedStreamTest, AnEndFromOutsideAfterItsOwnIsNone) {
  Begin(GuardedCall());
  TakeTurn().Finish();
  TakePiece(Progress::kEnd);
  EndFromOutside();
  ExpectQuiet();
}

TEST_F(GuardedStreamTest, TheGuardLastsAsLongAsTheStream) {
  Begin(GuardedCall());
  EXPECT_FALSE(guard_destroyed_);
  exchange_.reset();
  EXPECT_TRUE(guard_destroyed_);
}

TEST_F(GuardedStreamTest, TheGuardOfARefusedStreamDoesNotBegin) {
  GuardedCall()->Fail({.code = Code::kNotFound, .message = {}});
  EXPECT_TRUE(guard_destroyed_);
  EXPECT_FALSE(end_);
}

TEST_F(StreamCallTest, TheDeadlineMayPassDuringATurn) {
  fixture_.timeout = hours(1);
  Begin(Call());
  fixture_.executor.Advance(std::chrono::minutes(59));
  EXPECT_THAT(pieces_, IsEmpty());
  fixture_.executor.Advance(std::chrono::minutes(1));
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr(R"("code":"deadline_exceeded")"));
  TakeTurn().Send(ItemOf("too late"));
  ExpectQuiet();
}

TEST_F(StreamCallTest, TheDeadlineMayPassDuringAWrite) {
  fixture_.timeout = hours(1);
  Begin(Call());
  TakeTurn().Send(ItemOf("a"));
  TakePiece(Progress::kMore);
  fixture_.executor.Advance(hours(1));
  ExpectQuiet();  // the client is not ready
  Ask();
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr("deadline_exceeded"));
  EXPECT_THAT(turns_, IsEmpty()) << "the source is not asked any more";
}

TEST_F(StreamCallTest, TheDeadlineMayPassBeforeTheAnswer) {
  fixture_.timeout = hours(1);
  auto call = Call();
  fixture_.executor.Advance(hours(1));
  EXPECT_THAT(exchange_->response().body, HasSubstr("deadline_exceeded"));
  EXPECT_EQ(exchange_->response().status, 200);
  call->Respond(std::make_unique<TestSource>(turns_, source_destroyed_));
  EXPECT_TRUE(source_destroyed_);
  EXPECT_EQ(exchange_->pieces(), nullptr);
}

TEST_F(StreamCallTest, TheDeadlineCountsFromTheCall) {
  fixture_.timeout = std::chrono::milliseconds(1);
  auto call = Call();
  // The executor's time stands still, but by the call's clock the millisecond has passed.
  const auto called = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < called + std::chrono::milliseconds(1)) {
  }
  Begin(std::move(call));
  fixture_.executor.Advance(std::chrono::milliseconds(0));
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr("deadline_exceeded"));
}

TEST_F(StreamCallTest, AStreamThatEndedHasNoDeadline) {
  fixture_.timeout = hours(1);
  Begin(Call());
  TakeTurn().Finish();
  TakePiece(Progress::kEnd);
  fixture_.executor.Advance(hours(2));
  ExpectQuiet();
}

TEST_F(StreamCallTest, ATimerEndsWithItsStream) {
  fixture_.timeout = hours(1);
  Begin(Call());
  exchange_.reset();
  EXPECT_TRUE(source_destroyed_);
  fixture_.executor.Advance(hours(2));
  EXPECT_THAT(pieces_, IsEmpty());
}

TEST_F(StreamCallTest, AStoppingServerEndsIt) {
  Begin(Call());
  exchange_->pieces()->OnServerStopping();
  const std::string end = TakePiece(Progress::kEnd);
  EXPECT_THAT(end, HasSubstr(R"("code":"unavailable")"));
  EXPECT_THAT(end, HasSubstr(R"("metadata":{"Retry-After":[)"));
  exchange_->pieces()->OnServerStopping();
  TakeTurn().Finish();
  ExpectQuiet();
}

TEST_F(StreamCallTest, AStopWaitsForTheMessageInFlight) {
  Begin(Call());
  TakeTurn().Send(ItemOf("a"));
  TakePiece(Progress::kMore);
  exchange_->pieces()->OnServerStopping();
  ExpectQuiet();
  Ask();
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr("unavailable"));
}

TEST_F(StreamCallTest, TheFirstReasonToEndIsSent) {
  fixture_.timeout = hours(1);
  Begin(Call());
  TakeTurn().Send(ItemOf("a"));
  TakePiece(Progress::kMore);
  exchange_->pieces()->OnServerStopping();
  fixture_.executor.Advance(hours(1));
  Ask();
  EXPECT_THAT(TakePiece(Progress::kEnd), HasSubstr("unavailable"));
  ExpectQuiet();
}

TEST_F(StreamCallTest, MessagesAfterTheEndAreDropped) {
  const std::vector<std::function<void(StreamTurn)>> last_words = {
      [](StreamTurn turn) { turn.Send(ItemOf("late")); },
      [](StreamTurn turn) { turn.Finish(); },
      [](StreamTurn turn) { turn.Fail({.code = Code::kAborted, .message = {}}); },
      [](StreamTurn turn) { static_cast<void>(turn); },
  };
  for (const auto& say : last_words) {
    exchange_ = std::make_shared<FakeExchange>();
    Begin(Call());
    exchange_->pieces()->OnServerStopping();
    TakePiece(Progress::kEnd);
    say(TakeTurn());
    ExpectQuiet();
  }
}

TEST_F(StreamCallTest, ATurnMayOutliveTheStream) {
  Begin(Call());
  StreamTurn turn = TakeTurn();
  exchange_.reset();
  EXPECT_TRUE(source_destroyed_);
  turn.Send(ItemOf("late"));  // the connection ignores its delivery
}

TEST_F(StreamCallTest, ASourceMayHoldItsTurnUntilItsEnd) {
  Call()->Respond(std::make_unique<HoardingSource>());
  Ask();
  exchange_->pieces()->OnServerStopping();
  TakePiece(Progress::kEnd);
  exchange_.reset();
  ExpectQuiet();
}

}  // namespace
}  // namespace coupond::connect

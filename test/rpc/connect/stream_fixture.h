#ifndef COUPOND_TEST_RPC_CONNECT_STREAM_FIXTURE_H_
#define COUPOND_TEST_RPC_CONNECT_STREAM_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "call_fixture.h"
#include "every_kind.pb.h"
#include "rpc/connect/call.h"
#include "rpc/connect/envelope.h"

namespace coupond::connect {

inline std::string Enveloped(std::uint8_t flags, std::string_view message) {
  std::string bytes;
  AppendEnvelope(flags, message, bytes);
  return bytes;
}

inline connecttest::Item ItemOf(std::string code) {
  connecttest::Item item;
  item.set_code(std::move(code));
  return item;
}

/// Passes its turns to the test.
class TestSource final : public MessageSource {
 public:
  TestSource(std::vector<StreamTurn>& turns, bool& destroyed)
      : turns_(turns), destroyed_(destroyed) {}
  ~TestSource() override { destroyed_ = true; }
  void Next(StreamTurn turn) override { turns_.push_back(std::move(turn)); }

 private:
  std::vector<StreamTurn>& turns_;
  bool& destroyed_;
};

/// A stream whose client is the test: Ask says that the client is ready for more.
class StreamCallTest : public testing::Test {
 public:
  /// Destroys the turn and the body first: their destructors use members of this fixture.
  ~StreamCallTest() override {
    turns_.clear();
    exchange_.reset();
  }

 protected:
  std::unique_ptr<StreamCall> Call(Dialect dialect = kStreamJson,
                                   Compression compression = Compression::kIdentity) {
    return std::make_unique<StreamCall>(fixture_.Start<connecttest::Item>(dialect, compression));
  }
  /// Answers with a TestSource, and asks it for a message.
  void Begin(std::unique_ptr<StreamCall> call) {
    call->Respond(std::make_unique<TestSource>(turns_, source_destroyed_));
    call.reset();
    Ask();
  }
  void Ask() {
    exchange_->pieces()->Next([this](http::BodySource::Progress progress, std::string piece) {
      pieces_.push_back(std::move(piece));
      progress_.push_back(progress);
    });
  }
  StreamTurn TakeTurn() {
    EXPECT_EQ(turns_.size(), 1U);
    StreamTurn turn = std::move(turns_.back());
    turns_.pop_back();
    return turn;
  }
  /// Expects that nothing was asked of the source or sent to the client.
  void ExpectQuiet() {
    EXPECT_THAT(pieces_, testing::IsEmpty());
    EXPECT_THAT(turns_, testing::IsEmpty());
  }
  /// Returns the only piece since the last check.
  std::string TakePiece(http::BodySource::Progress expected) {
    EXPECT_THAT(std::exchange(progress_, {}), testing::ElementsAre(expected));
    const auto pieces = std::exchange(pieces_, {});
    return pieces.size() == 1 ? pieces[0] : "";
  }

  CallFixture fixture_;
  std::shared_ptr<FakeExchange>& exchange_ = fixture_.exchange;
  std::vector<StreamTurn> turns_;
  bool source_destroyed_ = false;
  std::vector<std::string> pieces_;
  std::vector<http::BodySource::Progress> progress_;
};

}  // namespace coupond::connect

#endif  // COUPOND_TEST_RPC_CONNECT_STREAM_FIXTURE_H_

#include "couponctl/watch/watch_run.h"

#include <gtest/gtest.h>

namespace coupond::ctl {
namespace {

using rpc_client::CallError;
using std::chrono::milliseconds;

using connect::Code;
using rpc_client::Failure;

const CallError kBroken{.failure = Failure::kNoAnswer, .message = "cut off"};
constexpr ReconnectPolicy::Time kStart{};

TEST(ReconnectPolicy, PausesGrowAndAreDrawnAtRandom) {
  bool differs = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    ReconnectPolicy policy(seed);
    policy.OnMessage(kStart);
    milliseconds most = 2 * ReconnectPolicy::kPauseMin;
    for (int attempt = 0; attempt < 10; ++attempt) {
      const auto pause = policy.OnError(kBroken, kStart);
      ASSERT_TRUE(pause);
      EXPECT_GE(*pause, ReconnectPolicy::kPauseMin);
      EXPECT_GE(*pause, most / 2) << attempt;
      EXPECT_LE(*pause, most) << attempt;
      differs = differs || *pause != most;
      most = std::min(most * 2, ReconnectPolicy::kPauseMax);
    }
    EXPECT_EQ(most, ReconnectPolicy::kPauseMax);
  }
  EXPECT_TRUE(differs);
}

TEST(ReconnectPolicy, OnlyALastingConnectionResetsThePauses) {
  ReconnectPolicy policy(1);
  ReconnectPolicy::Time now = kStart;
  for (int attempt = 0; attempt < 10; ++attempt) {
    policy.OnMessage(now);
    ASSERT_TRUE(policy.OnError(kBroken, now));
  }
  policy.OnMessage(now);
  EXPECT_GE(policy.OnError(kBroken, now).value(), ReconnectPolicy::kPauseMax / 2);
  policy.OnMessage(now);
  now += ReconnectPolicy::kPauseMax;
  EXPECT_LE(policy.OnError(kBroken, now).value(), 2 * ReconnectPolicy::kPauseMin);
}

TEST(ReconnectPolicy, RetriesMoreErrorsAfterAFirstMessage) {
  const struct {
    CallError error;
    bool at_first;
    bool later;
  } cases[] = {
      {kBroken, false, true},
      {{.code = Code::kUnavailable}, true, true},
      {{.failure = Failure::kForeign, .code = Code::kUnavailable}, false, true},
      {{.failure = Failure::kForeign, .code = Code::kUnimplemented}, false, true},
      {{.code = Code::kInternal}, false, true},
      {{.code = Code::kResourceExhausted}, false, true},
      {{.code = Code::kNotFound}, false, false},
      {{.code = Code::kInvalidArgument}, false, false},
      {{.code = Code::kUnimplemented}, false, false},
      {{.code = Code::kPermissionDenied}, false, false},
  };
  for (const auto& test : cases) {
    ReconnectPolicy policy(1);
    EXPECT_EQ(policy.OnError(test.error, kStart).has_value(), test.at_first)
        << test.error.CodeName();
    policy.OnMessage(kStart);
    EXPECT_EQ(policy.OnError(test.error, kStart).has_value(), test.later) << test.error.CodeName();
  }
}

}  // namespace
}  // namespace coupond::ctl

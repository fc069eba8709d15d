#include "engine/engine.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"

namespace coupond::test {
namespace {

/// A log that takes so long to read that StartEngine polls for a stop.
constexpr std::uint64_t kGroups = 2'500;

std::vector<CommitGroup> LongHistory() {
  std::vector<CommitGroup> groups;
  for (std::uint64_t i = 1; i <= kGroups; ++i) {
    groups.push_back(
        {.number = GroupNumber(i),
         .first_sequence = Sequence(i),
         .commit_time = At(0),
         .events = {CampaignCreated{
             .number = CampaignNumber(i),
             .id = {},
             .terms = {.name = std::to_string(i), .total_coupons = 1, .start_time = At(0)},
             .first_serial = Serial(i)}}});
    for (std::size_t byte = 0; byte < 4; ++byte) {
      std::get<CampaignCreated>(groups.back().events.front()).id.bytes[byte] =
          static_cast<std::uint8_t>(i >> (8 * byte));
    }
  }
  return groups;
}

class EngineStartTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Engine>> Start() {
    return StartEngine(
        {.log = log_, .stored_log = log_, .views = views_, .clock = clock_, .fence = fence_},
        {.show = [this](std::uint64_t, std::uint64_t) { ++shown_; },
         .told_to_stop = [this] { return told_to_stop_; },
         .views_discarded = [](const Error&) {}});
  }

  FakeClock clock_{At(0)};
  FakeEventLog log_{LongHistory()};
  FakeViewStore views_;
  Fence fence_;
  bool told_to_stop_ = false;
  int shown_ = 0;
};

TEST_F(EngineStartTest, ReturnsTheEngineOnceItHasReadTheLog) {
  const auto engine = Start();
  ASSERT_TRUE(engine && *engine);
  EXPECT_EQ((*engine)->durable_sequence(), Sequence(kGroups));
  EXPECT_EQ(shown_, 2);
}

TEST_F(EngineStartTest, EndsWhenStopped) {
  told_to_stop_ = true;
  const auto engine = Start();
  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  EXPECT_EQ(*engine, nullptr);
  EXPECT_EQ(shown_, 1);
}

TEST_F(EngineStartTest, AnErrorIsReportedDespiteAStop) {
  told_to_stop_ = true;
  log_.FailReadAt(GroupNumber(500), {ErrorCode::kLogDamaged, "unreadable"});
  const auto engine = Start();
  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().message, "unreadable");
}

TEST_F(EngineStartTest, AnErrorAfterTheStopIsReportedToo) {
  log_.FailReadAt(GroupNumber(1'500), {ErrorCode::kUnavailable, "not now"});
  const auto engine = Start();
  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().message, "not now");
}

}  // namespace
}  // namespace coupond::test

#include "engine/sequencer/change_marks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "support/builders.h"

namespace coupond {
namespace {

using test::At;
using test::Id;

CommitGroup Group(std::uint64_t first_sequence, std::vector<Event> events) {
  return {GroupNumber(1), Sequence(first_sequence), At(0), std::move(events)};
}

TEST(ChangeMarks, HaveTheLastSequenceOfTheGroup) {
  ChangeMarks changes;
  EXPECT_EQ(changes.LastChange(), Sequence(0));
  changes.Mark(Group(5, {CouponIssued{CampaignNumber(1), Serial(1), {}, {}},
                         CouponIssued{CampaignNumber(2), Serial(2), {}, {}}}));
  EXPECT_EQ(changes.LastChange(CampaignNumber(1)), Sequence(6));
  EXPECT_EQ(changes.LastChange(CampaignNumber(2)), Sequence(6));
  EXPECT_EQ(changes.LastChange(CampaignNumber(3)), Sequence(0));
  EXPECT_EQ(changes.LastChange(), Sequence(6));
}

TEST(ChangeMarks, KnowEveryKindOfEventThatChangesACampaign) {
  const std::vector<Event> kinds = {
      CampaignCreated{CampaignNumber(7), Id(7), {"seven", 10, At(0)}, Serial(1)},
      CouponIssued{CampaignNumber(7), Serial(1), {}, {}},
      CampaignDeleted{CampaignNumber(7)},
      CampaignUpdated{CampaignNumber(7), {.total_coupons = 1}, {}},
      CampaignPaused{CampaignNumber(7), {}, {}},
      CampaignResumed{CampaignNumber(7), {}, {}},
      CampaignArchived{CampaignNumber(7)},
      CampaignUnarchived{CampaignNumber(7)}};
  for (const Event& event : kinds) {
    ChangeMarks changes;
    changes.Mark(Group(9, {event}));
    EXPECT_EQ(changes.LastChange(CampaignNumber(7)), Sequence(9));
    EXPECT_EQ(changes.LastChange(CampaignNumber(8)), Sequence(0));
  }
}

}  // namespace
}  // namespace coupond

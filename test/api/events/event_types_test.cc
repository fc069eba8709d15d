#include "api/events/event_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace coupond::api {
namespace {

TEST(EventTypes, EveryKindIsShownButThese) {
  std::vector<std::string_view> hidden;
#define COUPOND_NOTE_IF_HIDDEN(Kind, name) \
  if (!EventTypeOfKind(kKindName<Kind>)) hidden.push_back(#name);
  COUPOND_FOR_EACH_EVENT_KIND(COUPOND_NOTE_IF_HIDDEN)
#undef COUPOND_NOTE_IF_HIDDEN
  // They are about the store as a whole, or only say how others came about.
  EXPECT_THAT(hidden, testing::ElementsAre("store_created", "store_restored", "batch_issued",
                                           "clock_reset", "erasure_finished"));
}

TEST(EventTypes, AreFoundByTheirNames) {
  for (const EventTypeRow& row : kEventTypeRows) {
    const auto type = EventTypeByName(row.name);
    ASSERT_TRUE(type) << row.name;
    EXPECT_EQ(EventTypeName(*type), row.name);
  }
  EXPECT_FALSE(EventTypeByName("coupon"));
}

}  // namespace
}  // namespace coupond::api

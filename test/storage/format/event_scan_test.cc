#include "storage/format/event_scan.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "storage/format/codec_fixture.h"

/// Finding kinds of events without decoding them.
namespace coupond::storage {
namespace {

bool IsWanted(const Event& event) {
  return std::holds_alternative<UserErased>(event) ||
         std::holds_alternative<ErasureFinished>(event) ||
         std::holds_alternative<StoreRestored>(event);
}

/// Returns the bytes of a group with these events.
std::string PayloadWith(const std::vector<Event>& events) {
  CommitGroup group = AllKinds();
  group.events = events;
  return std::string(PayloadOf(group));
}

const Event kErased =
    UserErased{.campaign = CampaignNumber(300), .serials = {Serial(1), Serial(~0ULL)}};
const Event kFinished = ErasureFinished{.erasure = Sequence(1)};
const Event kRestored = StoreRestored{.first_serial = Serial(1)};

TEST(EventScan, FindsTheKindsAloneAndAmongOthers) {
  std::vector<Event> others = AllKinds().events;
  std::erase_if(others, IsWanted);
  EXPECT_FALSE(TellsOfMissingTexts(PayloadWith(others)));
  for (const Event& wanted : {kErased, kFinished, kRestored}) {
    EXPECT_TRUE(TellsOfMissingTexts(PayloadWith({wanted}))) << wanted.index();
    for (std::size_t place : {std::size_t{0}, others.size() / 2, others.size()}) {
      std::vector<Event> events = others;
      events.insert(events.begin() + static_cast<std::ptrdiff_t>(place), wanted);
      EXPECT_TRUE(TellsOfMissingTexts(PayloadWith(events))) << wanted.index() << " at " << place;
    }
  }
}

TEST(EventScan, EachOtherKindByItselfIsNotFound) {
  for (const Event& event : AllKinds().events) {
    EXPECT_EQ(TellsOfMissingTexts(PayloadWith({event})), IsWanted(event)) << event.index();
  }
}

TEST(EventScan, BytesThatOnlyLookLikeAKindAreNotFound) {
  CouponRedeemed redeemed{.campaign = CampaignNumber(1),
                          .serial = Serial(1),
                          .order_ref = PayloadWith({kErased, kFinished, kRestored}),
                          .redeemed_by = {},
                          .request_id = {},
                          .request = {}};
  EXPECT_FALSE(TellsOfMissingTexts(PayloadWith({redeemed})));
}

TEST(EventScan, WhateverIsCutOffItEnds) {
  const std::string payload = PayloadWith({kErased});
  EXPECT_FALSE(TellsOfMissingTexts(""));
  for (std::size_t bytes = 1; bytes < payload.size(); ++bytes) {
    // What is cut off within a field is no payload, and may be anything.
    (void)TellsOfMissingTexts(payload.substr(0, bytes));
  }
  EXPECT_TRUE(TellsOfMissingTexts(payload.substr(0, payload.size() - 1)));
  EXPECT_TRUE(TellsOfMissingTexts(std::string(11, '\xff')));
}

}  // namespace
}  // namespace coupond::storage

#ifndef COUPOND_TEST_ENGINE_VIEWS_PROJECTION_FIXTURE_H_
#define COUPOND_TEST_ENGINE_VIEWS_PROJECTION_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/views/coupon_reader.h"
#include "engine/views/projection.h"
#include "support/builders.h"
#include "support/fake_view_store.h"

namespace coupond {

/// Groups are added one by one; Write brings their changes to the views.
class ProjectionTest : public ::testing::Test {
 protected:
  void Given(std::int64_t seconds, std::vector<Event> events, std::vector<KeyId> keys = {}) {
    const CommitGroup group{tip_.group.Next(), tip_.sequence.Next(), test::At(seconds),
                            std::move(events), std::move(keys)};
    tip_ = LogTip{group.number, group.last_sequence(), group.commit_time, {}};
    ASSERT_TRUE(projection_.Add(group, tip_));
  }
  void Write() { WriteChanges(); }
  /// Returns the changes of the next write, and writes.
  ViewChanges WriteChanges() {
    ViewChanges changes = projection_.Take();
    EXPECT_TRUE(views_.Write(changes));
    return changes;
  }

  std::vector<CouponRow> Coupons(std::uint8_t campaign, std::uint64_t first = 0,
                                 std::size_t limit = 1000) {
    const auto row = views_.FindCampaign(test::Id(campaign)).value();
    if (!row) return {};
    return CouponReader::Open(views_, *row, first).value().Next(limit).value();
  }

  test::FakeViewStore views_;
  Projection projection_ = Projection::Load(views_).value();
  LogTip tip_;
};

inline const CampaignCreated kOne{
    CampaignNumber(1), test::Id(1), {"one", 10, test::At(5)}, Serial(1)};
inline const CampaignCreated kTwo{
    CampaignNumber(2), test::Id(2), {"two", 10, test::At(6)}, Serial(11)};

/// The first campaign as it is with so many coupons issued, created at sequence 1 and 1 second.
inline Campaign One(std::int64_t issued_coupons) {
  return {.number = kOne.number,
          .id = kOne.id,
          .terms = kOne.terms,
          .serials = SerialRanges({.first = kOne.first_serial, .count = 10}),
          .issued_coupons = issued_coupons,
          .created_at = test::At(1),
          .revision = Sequence(1)};
}

inline CouponIssued IssuedBy(const CampaignCreated& campaign, std::uint64_t ordinal) {
  return {campaign.number, campaign.first_serial.Plus(ordinal)};
}

}  // namespace coupond

#endif  // COUPOND_TEST_ENGINE_VIEWS_PROJECTION_FIXTURE_H_

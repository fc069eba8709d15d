#include "engine/views/campaign_export.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/views/projection.h"
#include "engine/views/projection_fixture.h"
#include "support/builders.h"
#include "support/interrupted_views.h"

namespace coupond {
namespace {

using test::At;
using test::Id;

/// What an export shows.
struct Exported {
  Campaign campaign;
  std::vector<CouponRow> coupons;

  friend bool operator==(const Exported&, const Exported&) = default;
};

class CampaignExportTest : public ::testing::Test {
 protected:
  void Happens(std::vector<Event> events) {
    const CommitGroup group{.number = tip_.group.Next(),
                            .first_sequence = tip_.sequence.Next(),
                            .commit_time = At(7),
                            .events = std::move(events)};
    tip_ = {.group = group.number, .sequence = group.last_sequence(), .time = At(7), .hash = {}};
    EXPECT_TRUE(projection_.Add(group, tip_));
    EXPECT_TRUE(views_.Write(projection_.Take()));
  }
  /// Changes how many coupons there are, the status of one, and the terms, in one write.
  void Change() {
    const auto ordinal = static_cast<std::uint64_t>(next_++);
    Happens({IssuedBy(kBig, ordinal), IssuedBy(kBig, ordinal + 1'000),
             CouponRedeemed{.campaign = kBig.number,
                            .serial = kBig.first_serial.Plus(ordinal),
                            .order_ref = std::to_string(ordinal),
                            .redeemed_by = {},
                            .request_id = {},
                            .request = {}},
             CampaignUpdated{kBig.number, {.description = std::to_string(ordinal)}, {}}});
  }
  /// Reads it a few coupons at a time.
  static Exported ReadAll(CampaignExport& opened) {
    Exported all{.campaign = opened.campaign(), .coupons = {}};
    while (!opened.at_end()) {
      auto part = opened.Next(3);
      if (!part || part->empty() || part->size() > 3) {
        ADD_FAILURE() << "a part of the export is wrong";
        break;
      }
      all.coupons.insert(all.coupons.end(), part->begin(), part->end());
    }
    return all;
  }
  Exported ReadNow() {
    auto opened = CampaignExport::Open(views_, kBig.id);
    EXPECT_EQ(opened.value().value().sequence(), tip_.sequence);
    return ReadAll(**opened);
  }

  static inline const CampaignCreated kBig{
      CampaignNumber(1), test::Id(1), {"big", 5'000, test::At(5)}, Serial(1)};

  test::InterruptedViews views_;
  Projection projection_ = Projection::Load(views_).value();
  LogTip tip_;
  int next_ = 0;
};

TEST_F(CampaignExportTest, ShowsAllCouponsInTheOrderOfTheirIssue) {
  Happens({kBig, kTwo});
  Exported expected{.campaign = {}, .coupons = {}};
  for (std::uint64_t ordinal = 0; ordinal < 10; ++ordinal) {
    Happens({IssuedBy(kBig, ordinal), IssuedBy(kTwo, ordinal)});
    expected.coupons.push_back({.ordinal = ordinal,
                                .serial = Serial(1 + ordinal),
                                .issued_at = At(7),
                                .user_id = {},
                                .status = {}});
  }
  expected.campaign = views_.FindCampaign(kBig.id).value().value();
  EXPECT_EQ(ReadNow(), expected);
}

TEST_F(CampaignExportTest, OfACampaignWithoutCouponsHasNone) {
  Happens({kBig});
  EXPECT_TRUE(ReadNow().coupons.empty());
  EXPECT_EQ(CampaignExport::Open(views_, Id(9)).value(), std::nullopt);
}

TEST_F(CampaignExportTest, ShowsTheViewsAsOfItsSequence) {
  Happens({kBig});
  for (int i = 0; i < 3; ++i) Change();
  std::map<Sequence, Exported> as_of;
  as_of[tip_.sequence] = ReadNow();
  for (int reads = 0; reads < 12; ++reads) {
    // And once more at the next read but one, before the first attempt has come to an end.
    const std::function<void()> change = [&] {
      Change();
      as_of[tip_.sequence] = ReadNow();
    };
    views_.BeforeRead(reads, [&] {
      change();
      views_.BeforeRead(1, change);
    });
    auto opened = CampaignExport::Open(views_, kBig.id);
    views_.BeforeRead(0, {});
    ASSERT_TRUE(as_of.contains(opened.value().value().sequence()));
    const Sequence sequence = (*opened)->sequence();
    for (int i = 0; i < 2; ++i) {
      Change();
      as_of[tip_.sequence] = ReadNow();
    }
    EXPECT_EQ(ReadAll(**opened), as_of.at(sequence)) << reads;
  }
}

TEST_F(CampaignExportTest, ADeletionMeanwhileShowsAllOrNothing) {
  for (int reads = 0; reads < 6; ++reads) {
    SCOPED_TRACE(reads);
    Happens({kBig});
    Change();
    const Exported before = ReadNow();
    bool deleted = false;
    views_.BeforeRead(reads, [&] {
      Happens({CampaignDeleted{kBig.number}});
      deleted = true;
    });
    auto opened = CampaignExport::Open(views_, kBig.id);
    views_.BeforeRead(0, {});
    if (!deleted) Happens({CampaignDeleted{kBig.number}});
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->has_value(), !deleted);
    if (*opened) {
      EXPECT_EQ(ReadAll(**opened), before);
    }
  }
}

TEST_F(CampaignExportTest, GivesUpIfTheViewsNeverStandStill) {
  Happens({kBig});
  int changes = 0;
  std::function<void()> change = [&] {
    Change();
    if (++changes < 3'000) views_.BeforeRead(0, change);
  };
  views_.BeforeRead(0, change);
  const auto opened = CampaignExport::Open(views_, kBig.id);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_LT(changes, 3'000) << "it went on for as long as the views changed";
}

}  // namespace
}  // namespace coupond

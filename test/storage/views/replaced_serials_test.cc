#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/groups.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/views/stored_view_rows.h"
#include "storage/views/view_changes.h"
#include "storage/views/view_rows.h"
#include "support/temporary_directory.h"

// Serials that a restored store replaces in the rows of its campaigns.
namespace coupond::storage {
namespace {

using test::AddNew;
using test::ChangesAt;
using test::IdOf;
using test::Must;
using test::Outcome;
using test::SomeCampaign;

class ReplacedSerialsTest : public testing::Test {
 protected:
  ReplacedSerialsTest() { Open(); }

  void Open() {
    views_.reset();
    views_ = Must(RocksDbViewStore::Open(directory_.path() / "views"));
  }
  /// Gives the campaign these serials instead of those that it has not issued.
  void Replace(std::uint64_t campaign, std::uint64_t first) {
    ViewChanges changes = ChangesAt(++group_);
    changes.replaced_serials = {{.campaign = CampaignNumber(campaign), .first = Serial(first)}};
    ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  }
  void Put(const Campaign& row) {
    ViewChanges changes = ChangesAt(++group_);
    AddNew(changes, row);
    ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<RocksDbViewStore> views_;
  std::uint64_t group_ = 0;
};

/// With 10 of its 1,000 coupons issued.
Campaign Begun(std::uint64_t number) { return SomeCampaign(number, 10); }

Campaign WithSerials(Campaign row, std::uint64_t first) {
  row.serials.Truncate(row.ordinals());
  row.serials.Add({.first = Serial(first), .count = row.places_left()});
  return row;
}

TEST_F(ReplacedSerialsTest, TheRestOfTheRowStays) {
  Put(Begun(1));
  Put(Begun(2));
  Replace(1, 50'000);
  EXPECT_EQ(Must(views_->FindCampaign(IdOf(1))), WithSerials(Begun(1), 50'000));
  EXPECT_EQ(Must(views_->ListCampaigns(CampaignNumber(), 10)),
            (std::vector<Campaign>{WithSerials(Begun(1), 50'000), Begun(2)}));
}

TEST_F(ReplacedSerialsTest, TheLastReplacementCounts) {
  for (const bool flush : {false, true}) {
    SCOPED_TRACE(flush);
    Put(Begun(1));
    for (const std::uint64_t first : {50'000, 60'000, 70'000}) {
      if (flush) {
        ASSERT_EQ(Outcome(views_->Flush()), "ok");
      }
      Replace(1, first);
    }
    EXPECT_EQ(Must(views_->FindCampaign(IdOf(1))), WithSerials(Begun(1), 70'000));
    ASSERT_EQ(Outcome(views_->Flush()), "ok");
    Open();
    EXPECT_EQ(Must(views_->FindCampaign(IdOf(1))), WithSerials(Begun(1), 70'000));
  }
}

TEST_F(ReplacedSerialsTest, ALaterRowReplacesThem) {
  Put(Begun(1));
  Replace(1, 50'000);
  Campaign issued = WithSerials(Begun(1), 50'000);
  issued.issued_coupons = 11;
  Put(issued);
  EXPECT_EQ(Must(views_->FindCampaign(IdOf(1))), issued);
  Replace(1, 60'000);
  EXPECT_EQ(Must(views_->FindCampaign(IdOf(1))), WithSerials(issued, 60'000));
}

/// As RocksDB puts rows together, so would the store have written them.
TEST_F(ReplacedSerialsTest, TheRowIsEncodedAsAnyOther) {
  Put(Begun(1));
  for (std::uint64_t round = 0; round < 30; ++round) {  // so many tables are compacted meanwhile
    Replace(1, 50'000 + 1'000 * round);
    ASSERT_EQ(Outcome(views_->Flush()), "ok");
  }
  views_.reset();
  const auto rows = Must(StoredViewRows::Open(directory_.path() / "views"));
  EXPECT_EQ(Must(rows->Find(CampaignKey(CampaignNumber(1)))),
            EncodeCampaign(WithSerials(Begun(1), 79'000)));
}

TEST_F(ReplacedSerialsTest, WithoutARowTheViewsAreDamaged) {
  Replace(1, 50'000);
  EXPECT_EQ(Outcome(views_->ListCampaigns(CampaignNumber(), 10)), "views_damaged");
}

}  // namespace
}  // namespace coupond::storage

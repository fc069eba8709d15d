#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/groups.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/views/view_changes.h"
#include "storage/views/view_contents.h"
#include "support/fake_view_store.h"
#include "support/stored_coupon.h"
#include "support/temporary_directory.h"

// Any changes, also such as no history leads to, in the real store and in the fake one.
namespace coupond::storage {
namespace {

using test::ChangesAt;
using test::Claims;
using test::Coupons;
using test::IdOf;
using test::IdRowOf;
using test::Must;
using test::Outcome;
using test::Redeemed;
using test::Requests;
using test::RunsFrom;
using test::SomeCampaign;
using test::Statuses;
using test::Voided;

/// Makes random changes to both stores, which must then answer everything alike.
class Model {
 public:
  Model(ViewStore& real, std::uint32_t seed) : real_(real), random_(seed) {}

  void Change(std::uint64_t group) {
    ViewChanges changes = ChangesAt(group);
    for (std::uint32_t i = 0; i < Below(3); ++i) {
      const std::uint64_t campaign = 1 + Below(kCampaigns);
      changes.campaigns.push_back(SomeCampaign(campaign, Below(1'000)));
      AddId(changes, campaign);
    }
    if (Below(8) == 0) {
      const std::uint64_t erased = 1 + Below(kCampaigns);
      changes.erased_campaigns = {SomeCampaign(erased)};
      AddId(changes, erased);  // it may never have been in a write
    }
    if (Below(10) == 0) AddReplacements(changes);
    for (std::uint32_t i = 0; i < Below(4); ++i) changes.runs.push_back(NextRun());
    for (std::uint32_t i = 0; i < Below(5); ++i) {
      changes.claims.push_back(NextClaims());
    }
    for (std::uint32_t i = 0; i < Below(4); ++i) AddStatus(changes);
    AddRemovals(changes);
    for (std::uint32_t i = Below(3); i > 0; --i) {
      changes.sold_outs.push_back({.sequence = Sequence(next_sequence_),
                                   .campaign = CampaignNumber(1 + Below(kCampaigns))});
      next_sequence_ += 1 + Below(200);
    }
    if (Below(4) == 0) {
      changes.requests.push_back({test::ClaimOf(static_cast<std::uint8_t>(random_())),
                                  {.sequence = Sequence(group), .content = random_()}});
    }
    ASSERT_EQ(Outcome(real_.Write(changes)), "ok");
    ASSERT_EQ(Outcome(fake_.Write(changes)), "ok");
    if (Below(20) == 0) {
      ASSERT_EQ(Outcome(real_.Flush()), "ok");
    }
  }

  void Compare() {
    EXPECT_EQ(Must(real_.ReadCheckpoint()), Must(fake_.ReadCheckpoint()));
    EXPECT_EQ(Claims(real_), Claims(fake_));
    EXPECT_EQ(Statuses(real_), Statuses(fake_));
    EXPECT_EQ(Requests(real_), Requests(fake_));
    EXPECT_EQ(Must(real_.ListErasures()), Must(fake_.ListErasures()));
    for (int i = 0; i < 10; ++i) {
      const Sequence first(Below(next_sequence_ + 9));
      const Sequence end(Below(next_sequence_ + 9));
      EXPECT_EQ(Must(real_.ListSoldOuts(first, end)), Must(fake_.ListSoldOuts(first, end)));
    }
    for (std::uint64_t campaign = 0; campaign <= kCampaigns + 1; ++campaign) {
      EXPECT_EQ(Must(real_.FindCampaign(IdOf(campaign))), Must(fake_.FindCampaign(IdOf(campaign))));
      EXPECT_EQ(Must(real_.FindCampaign(CampaignNumber(campaign))),
                Must(fake_.FindCampaign(CampaignNumber(campaign))));
      EXPECT_EQ(Must(real_.FindCampaignId(CampaignNumber(campaign))),
                Must(fake_.FindCampaignId(CampaignNumber(campaign))));
      EXPECT_EQ(Must(real_.FindCampaignNumber(IdOf(campaign))),
                Must(fake_.FindCampaignNumber(IdOf(campaign))));
      const std::size_t limit = Below(5);
      EXPECT_EQ(Must(real_.ListCampaigns(CampaignNumber(campaign), limit)),
                Must(fake_.ListCampaigns(CampaignNumber(campaign), limit)));
      const std::uint64_t ordinal = Below(static_cast<std::uint32_t>(next_ordinal_ + 2));
      EXPECT_EQ(RunsFrom(real_, campaign, ordinal), RunsFrom(fake_, campaign, ordinal));
      EXPECT_EQ(RunsFrom(real_, campaign, 0), RunsFrom(fake_, campaign, 0));
      CompareCoupons(CampaignNumber(campaign));
    }
  }

 private:
  static constexpr std::uint32_t kCampaigns = 12;

  void CompareCoupons(CampaignNumber campaign) {
    const auto bound = static_cast<std::uint32_t>(next_ordinal_ + 2);
    for (int i = 0; i < 10; ++i) {
      const std::uint64_t ordinal = Below(bound);
      EXPECT_EQ(Must(test::FindStored(real_, campaign, ordinal)),
                Must(test::FindStored(fake_, campaign, ordinal)));
      EXPECT_EQ(Must(real_.FindStatus(campaign, ordinal)),
                Must(fake_.FindStatus(campaign, ordinal)));
    }
    for (const auto state :
         {CouponState::kRedeemed, CouponState::kVoided, CouponState::kReturned}) {
      for (const auto order : {CouponOrder::kOldestFirst, CouponOrder::kNewestFirst}) {
        std::optional<std::uint64_t> after;
        if (Below(2) == 0) after = Below(bound);
        const std::size_t limit = Below(20);
        EXPECT_EQ(Must(real_.ListOrdinals(campaign, state, order, after, limit)),
                  Must(fake_.ListOrdinals(campaign, state, order, after, limit)));
      }
    }
  }

  std::uint32_t Below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  Claim SomeClaim() { return test::ClaimOf(static_cast<std::uint8_t>(random_())); }

  CouponRun NextRun() {
    CouponRun run = Coupons(1 + Below(kCampaigns), next_ordinal_, 1 + Below(9));
    next_ordinal_ += run.count;
    next_runs_.push_back(run);
    for (std::uint32_t offset = 0; offset < run.count; offset += 1 + Below(4)) {
      run.holders.push_back({.offset = offset, .user_id = "user " + std::to_string(Below(99))});
    }
    return run;
  }

  /// Adds the id of a campaign that is new. Later writes must keep it.
  void AddId(ViewChanges& changes, std::uint64_t campaign) {
    if (known_ids_.insert(campaign).second) changes.ids.push_back(IdRowOf(campaign));
  }

  /// Replaces serials of all campaigns whose rows the changes leave alone.
  void AddReplacements(ViewChanges& changes) {
    const auto is_in = [](const std::vector<Campaign>& campaigns, const Campaign& row) {
      return std::ranges::find(campaigns, row.number, &Campaign::number) != campaigns.end();
    };
    for (const Campaign& row : Must(fake_.ListCampaigns(CampaignNumber(), kCampaigns))) {
      if (is_in(changes.campaigns, row) || is_in(changes.erased_campaigns, row)) continue;
      changes.replaced_serials.push_back(
          {.campaign = row.number, .first = Serial(next_restored_serial_)});
      next_restored_serial_ += 1'000;
    }
  }

  /// Removes texts from runs that were written before, some of them again, and makes erasures that
  /// begin or are finished.
  void AddRemovals(ViewChanges& changes) {
    for (const Campaign& erased : changes.erased_campaigns) {
      std::erase_if(runs_, [&](const CouponRun& run) { return run.campaign == erased.number; });
    }
    for (std::uint32_t i = Below(4); i > 0 && !runs_.empty(); --i) {
      const CouponRun& run = runs_[Below(static_cast<std::uint32_t>(runs_.size()))];
      changes.removed_texts.push_back(
          {.campaign = run.campaign, .ordinal = run.first_ordinal + Below(run.count)});
    }
    // Those of this write come after its removals.
    runs_.insert(runs_.end(), next_runs_.begin(), next_runs_.end());
    next_runs_.clear();
    if (Below(3) == 0) changes.finished_erasure = Sequence(next_sequence_ - Below(next_sequence_));
    if (Below(2) == 0) {
      changes.erasures.push_back({.sequence = Sequence(++next_sequence_),
                                  .campaign = CampaignNumber(1 + Below(kCampaigns)),
                                  .serials = {Serial(1 + Below(9)), Serial(10 + random_())}});
    }
  }

  /// Adds a change of a coupon that the others are not about.
  void AddStatus(ViewChanges& changes) {
    CouponStatusRow row = NextStatus();
    for (const CouponStatusRow& other : changes.statuses) {
      if (other.campaign == row.campaign && other.ordinal == row.ordinal) return;
    }
    const bool erased = std::ranges::find(changes.erased_campaigns, row.campaign,
                                          &Campaign::number) != changes.erased_campaigns.end();
    const auto before = Must(fake_.FindStatus(row.campaign, row.ordinal));
    if (before && !erased) row.state_before = before->state;
    changes.statuses.push_back(std::move(row));
  }

  CouponStatusRow NextStatus() {
    const std::uint64_t campaign = 1 + Below(kCampaigns);
    const std::uint64_t ordinal = Below(static_cast<std::uint32_t>(next_ordinal_ + 2));
    switch (Below(5)) {
      case 0:
        return {.campaign = CampaignNumber(campaign), .ordinal = ordinal, .status = {}};
      case 3:
        return {.campaign = CampaignNumber(campaign),
                .ordinal = ordinal,
                .status = {.claim_freed = true}};
      case 1:
        return Voided(campaign, ordinal, CouponState::kVoided);
      case 2:
        return Voided(campaign, ordinal, CouponState::kReturned);
      default:
        return Redeemed(campaign, ordinal);
    }
  }

  ClaimRun NextClaims() {
    ClaimRun run{CampaignNumber(1 + Below(kCampaigns)),
                 Below(100),
                 Timestamp::FromUnixNanoseconds(Below(1'000'000)),
                 {}};
    run.all_timed = Below(3) == 0;
    std::uint32_t offset = Below(3);
    for (std::uint32_t left = Below(4) + (run.all_timed ? 0 : 1); left > 0; --left) {
      run.claims.push_back({.offset = offset, .claim = SomeClaim()});
      if (Below(2) == 0) run.claims.back().holder = SomeClaim();
      offset += 1 + Below(9);
    }
    return run;
  }

  ViewStore& real_;
  test::FakeViewStore fake_;
  std::mt19937 random_;
  std::set<std::uint64_t> known_ids_;  // of campaigns that were in a write
  std::vector<CouponRun> runs_;        // of live campaigns, written
  std::vector<CouponRun> next_runs_;   // of the next write
  std::uint64_t next_ordinal_ = 0;
  std::uint32_t next_sequence_ = 1;
  std::uint64_t next_restored_serial_ = 1'000'000;
};

TEST(RandomViews, LookTheSameInBothStores) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const test::TemporaryDirectory directory;
  auto views = RocksDbViewStore::Open(directory.path() / "views");
  ASSERT_EQ(Outcome(views), "ok");
  Model model(**views, seed);
  for (std::uint64_t group = 1; group <= 600; ++group) {
    model.Change(group);
    if (group % 25 == 0) model.Compare();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace coupond::storage

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/codes/user_digest.h"
#include "engine/views/projection.h"
#include "engine/views/random_history.h"
#include "storage/files/rocksdb_options.h"
#include "storage/groups.h"
#include "storage/views/rocksdb_view_store.h"
#include "support/fake_view_store.h"
#include "support/stored_coupon.h"
#include "support/temporary_directory.h"

// What the projection makes of a history, in the real store and in the fake one.
namespace coupond::storage {
namespace {

using test::Must;
using test::Outcome;

class ProjectedViewsTest : public testing::Test {
 protected:
  ProjectedViewsTest() { Open(); }

  /// Opens the views, and continues the projection where they are.
  void Open() {
    projection_.reset();
    real_.reset();
    real_ = Must(RocksDbViewStore::Open(directory_.path() / "views"));
    auto loaded = Projection::Load(*real_);
    ASSERT_EQ(Outcome(loaded), "ok");
    projection_ = std::move(*loaded);
  }
  void Write() {
    const ViewChanges changes = projection_->Take();
    ASSERT_EQ(Outcome(real_->Write(changes)), "ok");
    ASSERT_EQ(Outcome(fake_.Write(changes)), "ok");
  }
  /// Takes note of the serials that the event is about.
  void Note(const Event& event) {
    const auto note = [this](const std::optional<SerialRange>& range) {
      if (!range) return;
      for (const std::uint64_t offset : {std::uint64_t{0}, range->count - 1, range->count}) {
        serials_.insert(range->first.Plus(offset));
      }
    };
    if (const auto* created = std::get_if<CampaignCreated>(&event)) {
      note(SerialRange{.first = created->first_serial,
                       .count = static_cast<std::uint64_t>(created->terms.total_coupons)});
    } else if (const auto* updated = std::get_if<CampaignUpdated>(&event)) {
      note(updated->added_serials);
    } else if (const auto* voided = std::get_if<CouponVoided>(&event)) {
      note(voided->added_serials);
    } else if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      note(SerialRange{.first = issued->serial, .count = 1});
    } else if (const auto* restored = std::get_if<StoreRestored>(&event)) {
      note(SerialRange{.first = restored->first_serial, .count = 1});
    } else if (const auto* erased = std::get_if<UserErased>(&event)) {
      erased_coupons_ += erased->serials.size();
    }
  }

  void Compare(test::RandomHistory& history) {
    ASSERT_EQ(Must(real_->ReadCheckpoint()), Must(fake_.ReadCheckpoint()));
    const auto campaigns = Must(fake_.ListCampaigns(CampaignNumber(), 1'000));
    ASSERT_EQ(Must(real_->ListCampaigns(CampaignNumber(), 1'000)), campaigns);
    const CampaignNumber end = Must(fake_.ReadCheckpoint())->next_campaign_number;
    for (CampaignNumber number; number <= end; number = number.Next()) {
      const auto id = Must(fake_.FindCampaignId(number));
      ASSERT_EQ(Must(real_->FindCampaignId(number)), id) << number.value();
      ASSERT_EQ(id.has_value(), number != CampaignNumber() && number != end) << number.value();
    }
    const auto sold_outs = Must(fake_.ListSoldOuts(Sequence(), history.tip().sequence.Next()));
    ASSERT_EQ(Must(real_->ListSoldOuts(Sequence(), history.tip().sequence.Next())), sold_outs);
    sold_outs_ = sold_outs.size();
    ASSERT_EQ(Must(real_->ListErasures()), Must(fake_.ListErasures()));
    for (const Serial serial : serials_) {
      ASSERT_EQ(Must(real_->FindCampaignOf(serial)), Must(fake_.FindCampaignOf(serial)))
          << serial.value();
    }
    for (const Campaign& campaign : campaigns) CompareCoupons(campaign, history);
  }
  void CompareUsers() {
    std::set<CampaignNumber> live;
    for (const Campaign& campaign : Must(fake_.ListCampaigns(CampaignNumber(), 1'000))) {
      live.insert(campaign.number);
    }
    for (std::uint64_t user = 0; user < test::RandomHistory::kUsers; ++user) {
      CompareUser(digests_.Of(test::RandomHistory::UserId(user)), live);
    }
  }

 private:
  void CompareCoupons(const Campaign& campaign, test::RandomHistory& history) {
    for (std::uint64_t ordinal = 0; ordinal <= campaign.ordinals(); ++ordinal) {
      ASSERT_EQ(Must(test::FindStored(*real_, campaign.number, ordinal)),
                Must(test::FindStored(fake_, campaign.number, ordinal)));
    }
    using enum CouponState;
    for (const CouponState state : {kRedeemed, kVoided, kReturned}) {
      for (const auto order : {CouponOrder::kOldestFirst, CouponOrder::kNewestFirst}) {
        std::optional<std::uint64_t> after;
        if (history.Below(2) == 0) after = history.Below(campaign.ordinals() + 1);
        ASSERT_EQ(Must(real_->ListOrdinals(campaign.number, state, order, after, 10)),
                  Must(fake_.ListOrdinals(campaign.number, state, order, after, 10)));
      }
    }
  }
  /// Compares a user's coupons of live campaigns; the stores may also list others.
  void CompareUser(UserDigest user, const std::set<CampaignNumber>& live) {
    const auto list = [&](const ViewStore& views, CouponOrder order) {
      auto coupons = Must(views.ListCouponsOf(user, order, {}, 1'000'000));
      std::erase_if(coupons,
                    [&](const UserCoupon& coupon) { return !live.contains(coupon.campaign); });
      return coupons;
    };
    auto coupons = list(fake_, CouponOrder::kOldestFirst);
    coupons_of_users_ += coupons.size();
    ASSERT_EQ(list(*real_, CouponOrder::kOldestFirst), coupons);
    std::ranges::reverse(coupons);
    ASSERT_EQ(list(*real_, CouponOrder::kNewestFirst), coupons);
  }

 protected:
  test::TemporaryDirectory directory_;
  std::unique_ptr<RocksDbViewStore> real_;
  test::FakeViewStore fake_;
  std::optional<Projection> projection_;
  UserDigests digests_{CodeKey{}};
  std::set<Serial> serials_;
  std::size_t coupons_of_users_ = 0;  // that were compared
  std::size_t sold_outs_ = 0;         // that were compared last
  std::size_t erased_coupons_ = 0;
};

TEST_F(ProjectedViewsTest, AnyHistoryLooksTheSameInBothStores) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::RandomHistory history(seed);
  for (int writes = 1; writes <= 2'000; ++writes) {
    for (std::uint64_t left = 1 + history.Below(3); left > 0; --left) {
      const CommitGroup group = history.Next();
      for (const Event& event : group.events) Note(event);
      ASSERT_EQ(Outcome(projection_->Add(group, history.tip())), "ok");
    }
    Write();
    if (history.Below(50) == 0) {
      ASSERT_EQ(Outcome(real_->Flush()), "ok");
      if (history.Below(5) == 0) Open();
    }
    if (writes % 10 == 0) CompareUsers();
    if (writes % 200 == 0) Compare(history);
    if (HasFailure()) return;
  }
  EXPECT_GT(coupons_of_users_, 20U) << "or nothing was proved of them";
  EXPECT_GT(sold_outs_, 0U) << "or nothing was proved of them";
  EXPECT_GT(erased_coupons_, 100U) << "or nothing was proved of them";
}

}  // namespace
}  // namespace coupond::storage

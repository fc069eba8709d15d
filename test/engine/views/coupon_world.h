#ifndef COUPOND_TEST_ENGINE_VIEWS_COUPON_WORLD_H_
#define COUPOND_TEST_ENGINE_VIEWS_COUPON_WORLD_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/rules/event.h"
#include "engine/views/coupon_search.h"
#include "engine/views/projection.h"
#include "support/builders.h"

namespace coupond::test {

/// Campaigns, users and their coupons, which change at random: as a plain list, and in views that
/// the projection makes of the events.
class CouponWorld {
 public:
  struct Coupon {
    CampaignNumber campaign;
    Serial serial;
    Timestamp issued_at;
    std::string user_id;
    CouponState state = CouponState::kIssued;  ///< as it is stored
    Sequence redemption = {};
  };
  struct Campaign {
    CampaignNumber number;
    CampaignId id;
    CampaignTerms terms;
    Serial next_serial;
    bool deleted = false;
  };

  /// Writes the same to all `views`, which are empty and must outlive this.
  CouponWorld(std::uint64_t seed, std::vector<ViewStore*> views)
      : random_(seed), views_(std::move(views)), projection_(Projection::Load(*views_[0]).value()) {
    Commit({StoreCreated{.store_id = MakeId<StoreId>(1), .code_key = MakeId<CodeKey>(2)}});
    Commit({CreateOne()});
    Write();
  }

  /// From now on, an operator puts time back now and then.
  void ResetTheClock() { clock_is_reset_ = true; }

  /// Writes what a few random groups of events change at once.
  void Change() {
    for (std::uint64_t group = Below(3) + 1; group > 0; --group) {
      std::vector<Event> events;
      for (std::uint64_t count = Below(5) + 1; count > 0; --count) AddChange(events);
      if (!events.empty()) Commit(std::move(events));
      now_ += static_cast<std::int64_t>(Below(2));
    }
    if (clock_is_reset_ && Below(30) == 0) {
      now_ -= static_cast<std::int64_t>(Below(60));
      Commit({ClockReset{.previous_time = tip_.time}});
    }
    Write();
  }

  /// Writes groups of many coupons, for users at random.
  void IssueMany(int groups) {
    constexpr std::size_t kCouponsPerGroup = 1'000;
    for (; groups > 0; --groups) {
      std::vector<Event> events;
      for (std::size_t i = 0; i < kCouponsPerGroup; ++i) AddIssue(events);
      if (!events.empty()) Commit(std::move(events));
      Write();
    }
  }

  /// Draws what to look for.
  CouponSearch DrawSearch() {
    static constexpr std::array kPageSizes{1, 2, 3, 7, 50, 1'000};
    CouponSearch search{
        .order = Below(2) == 0 ? CouponOrder::kOldestFirst : CouponOrder::kNewestFirst,
        .page_size = static_cast<std::size_t>(kPageSizes[Below(6)])};
    if (Below(3) > 0) search.campaign_id = campaigns_[Below(campaigns_.size())].id;
    if (!search.campaign_id || Below(3) == 0) search.user_ids.push_back(kUsers[Below(2)]);
    if (!search.user_ids.empty() && Below(2) == 0) search.user_ids.push_back(kUsers[3]);
    // Often only states whose coupons are listed.
    const bool only_listed = Below(2) == 0;
    for (const CouponState state : kStates) {
      const bool listed = state != CouponState::kIssued && state != CouponState::kExpired;
      if (only_listed ? listed && Below(2) == 0 : Below(3) == 0) search.states.insert(state);
    }
    return search;
  }

  /// Returns the coupons that match in their states at `time`, in order; nullopt if the campaign
  /// that is named is not there.
  [[nodiscard]] std::optional<std::vector<Serial>> Matching(const CouponSearch& search,
                                                            Timestamp time) const {
    std::vector<Serial> serials;
    bool found = !search.campaign_id;
    for (const Campaign& campaign : campaigns_)
      found |= !campaign.deleted && Names(search, campaign);
    if (!found) return std::nullopt;
    for (const Coupon& coupon : coupons_) {
      const Campaign& campaign = Of(coupon);
      const auto user = std::ranges::find(search.user_ids, coupon.user_id);
      if (campaign.deleted || (search.campaign_id && !Names(search, campaign))) continue;
      if (!search.user_ids.empty() && user == search.user_ids.end()) continue;
      if (!search.states.empty() && !search.states.contains(StateOf(coupon, time))) {
        continue;
      }
      serials.push_back(coupon.serial);
    }
    if (search.order == CouponOrder::kNewestFirst) std::ranges::reverse(serials);
    return serials;
  }

  [[nodiscard]] const Coupon& At(Serial serial) const {
    return *std::ranges::find(coupons_, serial, &Coupon::serial);
  }
  [[nodiscard]] const Campaign& Of(const Coupon& coupon) const {
    return campaigns_[coupon.campaign.value() - 1];
  }
  [[nodiscard]] Timestamp now() const { return test::At(now_); }

 private:
  static constexpr std::uint64_t kCampaignsMax = 40;
  static constexpr std::uint64_t kSerialsEach = 100'000;
  static constexpr std::array kUsers{"kim", "lee", "", "ｋｉｍ"};
  static constexpr std::array kStates{CouponState::kIssued, CouponState::kRedeemed,
                                      CouponState::kVoided, CouponState::kReturned,
                                      CouponState::kExpired};

  std::uint64_t Below(std::uint64_t end) { return random_() % end; }
  [[nodiscard]] CouponState StateOf(const Coupon& coupon, Timestamp time) const {
    return StateAt(coupon.state, ExpireTimeOf(Of(coupon).terms, coupon.issued_at), time);
  }
  static bool Names(const CouponSearch& search, const Campaign& campaign) {
    return search.campaign_id == campaign.id;
  }

  Event CreateOne() {
    const std::uint64_t number = campaigns_.size() + 1;
    Campaign& campaign = campaigns_.emplace_back();
    campaign.number = CampaignNumber(number);
    campaign.id = Id(static_cast<std::uint8_t>(number));
    campaign.terms.name = std::to_string(number);
    campaign.terms.total_coupons = kSerialsEach;
    campaign.terms.expire_time = DrawExpiry();
    campaign.terms.valid_duration = DrawValidity();
    campaign.next_serial = Serial(1 + kSerialsEach * number);
    return CampaignCreated{.number = campaign.number,
                           .id = campaign.id,
                           .terms = campaign.terms,
                           .first_serial = campaign.next_serial};
  }
  Timestamp DrawExpiry() {
    return Below(3) == 0 ? test::At(now_ + static_cast<std::int64_t>(Below(60))) : kNever;
  }
  std::chrono::nanoseconds DrawValidity() {
    return Below(2) == 0 ? std::chrono::nanoseconds(std::chrono::seconds(1 + Below(60)))
                         : kUnlimited;
  }

  /// Adds an event, unless what was drawn cannot happen.
  void AddChange(std::vector<Event>& events) {
    const std::uint64_t kind = Below(100);
    if (kind < 2 && campaigns_.size() < kCampaignsMax) return events.push_back(CreateOne());
    if (kind < 50 || coupons_.empty()) return AddIssue(events);
    if (kind < 53) return AddTerms(events);
    if (kind < 54) return AddDeletion(events);
    AddChangeOf(coupons_[Below(coupons_.size())], events);
  }
  void AddIssue(std::vector<Event>& events) {
    Campaign& campaign = campaigns_[Below(campaigns_.size())];
    if (campaign.deleted) return;
    const Coupon coupon{.campaign = campaign.number,
                        .serial = std::exchange(campaign.next_serial, campaign.next_serial.Next()),
                        .issued_at = now(),
                        .user_id = kUsers[Below(kUsers.size())]};
    coupons_.push_back(coupon);
    events.push_back(CouponIssued{
        .campaign = coupon.campaign, .serial = coupon.serial, .user_id = coupon.user_id});
  }
  void AddTerms(std::vector<Event>& events) {
    Campaign& campaign = campaigns_[Below(campaigns_.size())];
    if (campaign.deleted) return;
    TermChanges changes{.expire_time = DrawExpiry()};
    campaign.terms.expire_time = *changes.expire_time;
    // It can be removed, but not added to coupons that were issued without it.
    if (campaign.terms.valid_duration != kUnlimited) {
      changes.valid_duration = DrawValidity();
      campaign.terms.valid_duration = *changes.valid_duration;
    }
    events.push_back(CampaignUpdated{
        .campaign = campaign.number, .changes = std::move(changes), .added_serials = {}});
  }
  void AddDeletion(std::vector<Event>& events) {
    Campaign& campaign = campaigns_[Below(campaigns_.size())];
    if (campaign.deleted || campaigns_.size() < 3) return;
    campaign.deleted = true;
    events.push_back(CampaignDeleted{.campaign = campaign.number});
  }
  void AddChangeOf(Coupon& coupon, std::vector<Event>& events) {
    if (Of(coupon).deleted) return;
    if (coupon.state == CouponState::kRedeemed) {
      coupon.state = CouponState::kIssued;
      events.push_back(RedemptionCanceled{.campaign = coupon.campaign,
                                          .serial = coupon.serial,
                                          .redemption = coupon.redemption,
                                          .reason = {},
                                          .request = {}});
    } else if (coupon.state == CouponState::kIssued && Below(3) > 0) {
      coupon.state = CouponState::kRedeemed;
      coupon.redemption = tip_.sequence.Plus(events.size() + 1);
      events.push_back(CouponRedeemed{.campaign = coupon.campaign,
                                      .serial = coupon.serial,
                                      .order_ref = {},
                                      .redeemed_by = {},
                                      .request_id = {},
                                      .request = {}});
    } else if (coupon.state != CouponState::kReturned) {
      const bool returned = coupon.state == CouponState::kVoided || Below(2) == 0;
      coupon.state = returned ? CouponState::kReturned : CouponState::kVoided;
      events.push_back(CouponVoided{.campaign = coupon.campaign,
                                    .serial = coupon.serial,
                                    .returned = returned,
                                    .reason = {},
                                    .added_serials = {},
                                    .request = {}});
    }
  }

  void Commit(std::vector<Event> events) {
    const CommitGroup group{.number = tip_.group.Next(),
                            .first_sequence = tip_.sequence.Next(),
                            .commit_time = now(),
                            .events = std::move(events)};
    tip_ = LogTip{group.number, group.last_sequence(), group.commit_time, {}};
    COUPOND_CHECK(projection_.Add(group, tip_));
  }
  void Write() {
    const ViewChanges changes = projection_.Take();
    for (ViewStore* const views : views_) COUPOND_CHECK(views->Write(changes));
  }

  std::mt19937_64 random_;
  bool clock_is_reset_ = false;  // now and then
  const std::vector<ViewStore*> views_;
  Projection projection_;
  LogTip tip_;
  std::int64_t now_ = 0;
  std::vector<Campaign> campaigns_;
  std::vector<Coupon> coupons_;  // in order of issue
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_ENGINE_VIEWS_COUPON_WORLD_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/event.h"
#include "simulation/checks.h"
#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

struct LoggedCoupon {
  Timestamp issued_at;
  std::optional<Claim> holder = {};
  std::optional<Claim> request_key = {};
  CouponState state = CouponState::kIssued;
  Sequence redemption = {};  // the present one
  bool freed = false;
  bool erased = false;
};

/// A campaign as the log alone shows it.
struct LoggedCampaign {
  CampaignTerms terms;
  std::vector<SerialRange> serials;
  std::int64_t issued = 0;  // ever
  std::int64_t returned = 0;
  Activities paused;
  bool archived = false;
  bool deleted = false;
  std::set<Claim> claims;                          // that have a coupon, or a void one that is kept
  std::map<Claim, std::uint32_t> coupons_of_user;  // that count against the limit
  bool issued_to_users = false;
  std::map<Serial, LoggedCoupon> coupons;

  [[nodiscard]] std::int64_t places() const { return issued - returned; }
  [[nodiscard]] bool Has(Serial serial) const {
    for (const SerialRange& range : serials) {
      if (serial >= range.first && serial < range.first.Plus(range.count)) return true;
    }
    return false;
  }
};

class LogReader {
 public:
  void Read(const CommitGroup& group) {
    const auto* const reset = std::get_if<ClockReset>(&group.events.front());
    if (reset == nullptr) {
      Require(group.commit_time >= time_, "time goes back", group.number.value());
    } else {
      Require(group.events.size() == 1 && reset->previous_time == time_,
              "a reset of the clock does not say what it resets", group.number.value());
    }
    time_ = group.commit_time;
    sequence_ = group.first_sequence;
    for (const Event& event : group.events) {
      const auto* const issued = std::get_if<CouponIssued>(&event);
      Require(left_of_batch_ == 0 || (issued != nullptr && issued->campaign == batch_of_),
              "something else than the coupons of a batch", sequence_.value());
      if (left_of_batch_ > 0) --left_of_batch_;
      std::visit([&](const auto& body) { On(body); }, event);
      sequence_ = sequence_.Next();
    }
    Require(left_of_batch_ == 0, "a batch that its group does not hold", group.number.value());
  }

 private:
  static void Require(bool holds, const char* what, std::uint64_t number) {
    Demand(holds, "the log breaks no rule",
           [&] { return std::string(what) + ": " + std::to_string(number); });
  }

  /// Returns the campaign that an event is about, which must exist.
  LoggedCampaign& Find(CampaignNumber number, const char* otherwise) {
    const auto found = campaigns_.find(number);
    Require(found != campaigns_.end() && !found->second.deleted, otherwise, number.value());
    return found->second;
  }
  /// Returns the same, which must not be archived.
  LoggedCampaign& FindChangeable(CampaignNumber number) {
    LoggedCampaign& campaign = Find(number, "a change of a campaign that does not exist");
    Require(!campaign.archived, "a change of an archived campaign", number.value());
    return campaign;
  }
  void Reserve(LoggedCampaign& campaign, SerialRange range) {
    Require(range.first.value() > last_reserved_, "serials are reserved twice",
            range.first.value());
    last_reserved_ = range.first.value() + range.count - 1;
    campaign.serials.push_back(range);
  }

  void On(const StoreCreated&) {}
  void On(const CampaignCreated& event) {
    const std::uint64_t number = event.number.value();
    Require(live_names_.insert(event.terms.name).second, "a name is used twice", number);
    const auto [place, is_new] = campaigns_.try_emplace(event.number);
    Require(is_new, "a campaign's number is used twice", number);
    Require(ids_.insert(event.id).second, "a campaign's id is used twice", number);
    place->second.terms = event.terms;
    Reserve(place->second, {.first = event.first_serial,
                            .count = static_cast<std::uint64_t>(event.terms.total_coupons)});
    CarryOut(event.request);
  }
  void On(const CouponIssued& event) {
    const std::uint64_t serial = event.serial.value();
    LoggedCampaign& campaign = Find(event.campaign, "a coupon of a campaign that does not exist");
    Require(time_ >= campaign.terms.start_time, "a coupon before the start", serial);
    Require(time_ < campaign.terms.end_time, "a coupon after the end", serial);
    Require(time_ < campaign.terms.expire_time, "a coupon that has expired", serial);
    Require(!campaign.paused.issuing, "a coupon during a pause", serial);
    Require(!campaign.archived, "a coupon of an archived campaign", serial);
    ++campaign.issued;
    Require(campaign.places() <= campaign.terms.total_coupons, "more coupons than the total",
            event.campaign.value());
    campaign.coupons[event.serial] = {
        .issued_at = time_, .holder = event.holder, .request_key = event.request_key};
    Require(serials_.insert(event.serial).second, "a serial is used twice", serial);
    Require(campaign.Has(event.serial), "a serial that is not the campaign's", serial);
    CheckClaims(campaign, event);
  }
  /// Checks who gets the coupon.
  static void CheckClaims(LoggedCampaign& campaign, const CouponIssued& event) {
    const std::uint64_t serial = event.serial.value();
    const std::uint32_t limit = campaign.terms.coupons_per_user;
    const auto take = [&](const std::optional<Claim>& claim) {
      Require(!claim || campaign.claims.insert(*claim).second, "two coupons for one claim", serial);
    };
    Require(event.holder || !campaign.terms.user_required, "a coupon for nobody", serial);
    if (!event.holder) return take(event.request_key);
    campaign.issued_to_users = true;
    Require(event.request_key.has_value() == (limit > 1), "a claim of the wrong kind", serial);
    if (limit == 1) return take(event.holder);
    take(event.request_key);
    Require(++campaign.coupons_of_user[*event.holder] <= limit, "a user has too many coupons",
            serial);
  }
  void On(const CampaignDeleted& event) {
    LoggedCampaign& campaign = Find(event.campaign, "a deletion of a campaign that does not exist");
    campaign.deleted = true;
    live_names_.erase(campaign.terms.name);
  }
  void On(const CampaignUpdated& event) {
    const std::uint64_t number = event.campaign.value();
    const TermChanges& changes = event.changes;
    LoggedCampaign& campaign = FindChangeable(event.campaign);
    if (changes.name) {
      live_names_.erase(campaign.terms.name);
      Require(live_names_.insert(*changes.name).second, "a name is used twice", number);
      campaign.terms.name = *changes.name;
    }
    if (changes.total_coupons) campaign.terms.total_coupons = *changes.total_coupons;
    if (changes.start_time) {
      Require(campaign.issued == 0, "a start is moved after an issue", number);
      campaign.terms.start_time = *changes.start_time;
    }
    if (changes.end_time) campaign.terms.end_time = *changes.end_time;
    UpdateCouponTerms(campaign, changes, number);
    if (event.added_serials) Reserve(campaign, *event.added_serials);
    Require(campaign.places() <= campaign.terms.total_coupons, "a total below the coupons", number);
    Require(campaign.terms.start_time < campaign.terms.end_time, "an end before the start", number);
    CarryOut(event.request);
  }
  static void UpdateCouponTerms(LoggedCampaign& campaign, const TermChanges& changes,
                                std::uint64_t number) {
    CampaignTerms& terms = campaign.terms;
    const CampaignTerms before = terms;
    terms.coupons_per_user = changes.coupons_per_user.value_or(terms.coupons_per_user);
    terms.user_required = changes.user_required.value_or(terms.user_required);
    terms.redeem_start_time = changes.redeem_start_time.value_or(terms.redeem_start_time);
    terms.expire_time = changes.expire_time.value_or(terms.expire_time);
    terms.valid_duration = changes.valid_duration.value_or(terms.valid_duration);
    Require(campaign.issued == 0 || (terms.expire_time >= before.expire_time &&
                                     terms.valid_duration >= before.valid_duration),
            "coupons expire earlier than promised", number);
    Require(!campaign.issued_to_users ||
                (before.coupons_per_user == 1) == (terms.coupons_per_user == 1),
            "users are counted in another way than before", number);
  }
  void On(const CampaignPaused& event) {
    LoggedCampaign& campaign = FindChangeable(event.campaign);
    campaign.paused.issuing |= event.activities.issuing;
    campaign.paused.redeeming |= event.activities.redeeming;
  }
  void On(const CampaignResumed& event) {
    LoggedCampaign& campaign = FindChangeable(event.campaign);
    campaign.paused.issuing &= !event.activities.issuing;
    campaign.paused.redeeming &= !event.activities.redeeming;
  }
  void On(const CampaignArchived& event) {
    LoggedCampaign& campaign = Find(event.campaign, "a change of a campaign that does not exist");
    Require(!std::exchange(campaign.archived, true), "archived twice", event.campaign.value());
  }
  void On(const CampaignUnarchived& event) {
    LoggedCampaign& campaign = Find(event.campaign, "a change of a campaign that does not exist");
    Require(std::exchange(campaign.archived, false), "not archived", event.campaign.value());
  }

  void On(const StoreRestored& event) {
    const std::uint64_t first = event.first_serial.value();
    Require(first > last_reserved_, "a restored store begins with reserved serials", first);
    last_reserved_ = first - 1;
    for (auto& [number, campaign] : campaigns_) {
      if (campaign.deleted) continue;
      GiveUpUnissued(campaign);
      const std::int64_t left = campaign.terms.total_coupons - campaign.places();
      if (left == 0) continue;
      Reserve(campaign,
              {.first = Serial(last_reserved_ + 1), .count = static_cast<std::uint64_t>(left)});
    }
  }

  void On(const BatchIssued& event) {
    Require(event.coupons > 0, "a batch of nothing", sequence_.value());
    left_of_batch_ = event.coupons;
    batch_of_ = event.campaign;
    CarryOut(event.request);
  }
  void On(const ClockReset&) {}  // its time has been checked

  void On(const UserErased& event) {
    const auto campaign = campaigns_.find(event.campaign);
    Require(campaign != campaigns_.end() && !event.serials.empty(), "nothing is erased",
            sequence_.value());
    Require(std::ranges::adjacent_find(event.serials, std::ranges::greater_equal()) ==
                event.serials.end(),
            "erased coupons are out of order", sequence_.value());
    for (const Serial serial : event.serials) {
      LoggedCoupon& coupon = FindCoupon(campaign->second, serial);
      Require(coupon.holder.has_value(), "a text that never was is erased", serial.value());
      Require(!std::exchange(coupon.erased, true), "a text is erased twice", serial.value());
      if (event.claims_freed && !coupon.freed) Free(campaign->second, coupon);
    }
    erased_ = sequence_;
    CarryOut(event.request);
  }
  void On(const ErasureFinished& event) {
    Require(erased_.has_value() && event.erasure == erased_,
            "an erasure is finished that was not the last", sequence_.value());
    erased_.reset();
  }

  /// Gives up the serials after that of the last coupon.
  static void GiveUpUnissued(LoggedCampaign& campaign) {
    const Serial end =
        campaign.coupons.empty() ? Serial(0) : campaign.coupons.rbegin()->first.Next();
    std::erase_if(campaign.serials, [end](const SerialRange& range) { return range.first >= end; });
    if (campaign.serials.empty()) return;
    SerialRange& last = campaign.serials.back();
    last.count = std::min(last.count, end.value() - last.first.value());
  }

  /// Returns the coupon that an event is about, which must have been issued.
  LoggedCoupon& FindCoupon(LoggedCampaign& campaign, Serial serial) {
    const auto found = campaign.coupons.find(serial);
    Require(found != campaign.coupons.end(), "a change of a coupon that does not exist",
            serial.value());
    return found->second;
  }
  void CarryOut(const std::optional<RequestKey>& request) {
    Require(!request || requests_.insert(request->digest).second, "a request is carried out twice",
            sequence_.value());
  }
  void On(const CouponRedeemed& event) {
    const std::uint64_t serial = event.serial.value();
    LoggedCampaign& campaign = Find(event.campaign, "a coupon of a campaign that does not exist");
    LoggedCoupon& coupon = FindCoupon(campaign, event.serial);
    Require(coupon.state != CouponState::kRedeemed, "a coupon is redeemed twice", serial);
    Require(coupon.state == CouponState::kIssued, "an invalid coupon is redeemed", serial);
    Require(!campaign.paused.redeeming, "a redemption during a pause", serial);
    Require(time_ >= campaign.terms.redeem_start_time, "a redemption before its time", serial);
    Require(time_ < campaign.terms.expire_time &&
                (campaign.terms.valid_duration == kUnlimited ||
                 time_.Since(coupon.issued_at) < campaign.terms.valid_duration),
            "an expired coupon is redeemed", serial);
    coupon.state = CouponState::kRedeemed;
    coupon.redemption = sequence_;
    CarryOut(event.request);
  }
  void On(const RedemptionCanceled& event) {
    LoggedCampaign& campaign = Find(event.campaign, "a coupon of a campaign that does not exist");
    LoggedCoupon& coupon = FindCoupon(campaign, event.serial);
    Require(coupon.state == CouponState::kRedeemed && coupon.redemption == event.redemption,
            "another redemption than the present one is canceled", event.serial.value());
    coupon.state = CouponState::kIssued;
    CarryOut(event.request);
  }
  void On(const CouponVoided& event) {
    const std::uint64_t serial = event.serial.value();
    LoggedCampaign& campaign = Find(event.campaign, "a coupon of a campaign that does not exist");
    LoggedCoupon& coupon = FindCoupon(campaign, event.serial);
    const CouponState after = event.returned ? CouponState::kReturned : CouponState::kVoided;
    Require(!event.claim_freed || !coupon.freed, "a claim is freed twice", serial);
    Require(coupon.state == CouponState::kIssued ||
                (event.returned && coupon.state == CouponState::kVoided) ||
                (event.claim_freed && coupon.state == after),
            "a coupon is voided that cannot be", serial);
    if (event.returned && coupon.state != after) ++campaign.returned;
    coupon.state = after;
    if (event.claim_freed) Free(campaign, coupon);
    if (event.added_serials) Reserve(campaign, *event.added_serials);
    CarryOut(event.request);
  }

  static void Free(LoggedCampaign& campaign, LoggedCoupon& coupon) {
    coupon.freed = true;
    const std::optional<Claim>& claim = coupon.request_key ? coupon.request_key : coupon.holder;
    if (claim) campaign.claims.erase(*claim);
    if (coupon.holder && coupon.request_key) --campaign.coupons_of_user.at(*coupon.holder);
  }

  Timestamp time_;
  Sequence sequence_;
  std::optional<Sequence> erased_;  // the last that is not finished
  std::uint32_t left_of_batch_ = 0;
  CampaignNumber batch_of_;
  std::set<Claim> requests_;
  std::uint64_t last_reserved_ = 0;
  std::set<Serial> serials_;
  std::set<std::string> live_names_;
  std::set<CampaignId> ids_;
  std::map<CampaignNumber, LoggedCampaign> campaigns_;
};

}  // namespace

void CheckLog(const SimulatedLog& log) {
  LogReader reader;
  for (const CommitGroup& group : log.groups()) reader.Read(group);
}

}  // namespace coupond::simulation

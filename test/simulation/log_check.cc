#include <cstdint>
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
  CouponState state = CouponState::kIssued;
  Sequence redemption = {};  // the present one
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
  std::set<Claim> claims;
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
    Require(group.commit_time >= time_, "time goes back", group.number.value());
    time_ = group.commit_time;
    sequence_ = group.first_sequence;
    for (const Event& event : group.events) {
      std::visit([&](const auto& body) { On(body); }, event);
      sequence_ = sequence_.Next();
    }
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
    place->second.terms = event.terms;
    Reserve(place->second, {.first = event.first_serial,
                            .count = static_cast<std::uint64_t>(event.terms.total_coupons)});
  }
  void On(const CouponIssued& event) {
    const std::uint64_t serial = event.serial.value();
    LoggedCampaign& campaign = Find(event.campaign, "a coupon of a campaign that does not exist");
    Require(time_ >= campaign.terms.start_time, "a coupon before the start", serial);
    Require(time_ < campaign.terms.end_time, "a coupon after the end", serial);
    Require(!campaign.paused.issuing, "a coupon during a pause", serial);
    Require(!campaign.archived, "a coupon of an archived campaign", serial);
    ++campaign.issued;
    Require(campaign.places() <= campaign.terms.total_coupons, "more coupons than the total",
            event.campaign.value());
    campaign.coupons[event.serial] = {};
    Require(serials_.insert(event.serial).second, "a serial is used twice", serial);
    Require(campaign.Has(event.serial), "a serial that is not the campaign's", serial);
    Require(!event.claim || campaign.claims.insert(*event.claim).second,
            "two coupons for one claim", serial);
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
    if (event.added_serials) Reserve(campaign, *event.added_serials);
    Require(campaign.places() <= campaign.terms.total_coupons, "a total below the coupons", number);
    Require(campaign.terms.start_time < campaign.terms.end_time, "an end before the start", number);
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
    coupon = {.state = CouponState::kRedeemed, .redemption = sequence_};
    CarryOut(event.request);
  }
  void On(const RedemptionCanceled& event) {
    LoggedCampaign& campaign = Find(event.campaign, "a coupon of a campaign that does not exist");
    LoggedCoupon& coupon = FindCoupon(campaign, event.serial);
    Require(coupon.state == CouponState::kRedeemed && coupon.redemption == event.redemption,
            "another redemption than the present one is canceled", event.serial.value());
    coupon = {};
    CarryOut(event.request);
  }
  void On(const CouponVoided& event) {
    const std::uint64_t serial = event.serial.value();
    LoggedCampaign& campaign = Find(event.campaign, "a coupon of a campaign that does not exist");
    LoggedCoupon& coupon = FindCoupon(campaign, event.serial);
    Require(coupon.state == CouponState::kIssued ||
                (event.returned && coupon.state == CouponState::kVoided),
            "a coupon is voided that cannot be", serial);
    coupon.state = event.returned ? CouponState::kReturned : CouponState::kVoided;
    if (event.returned) ++campaign.returned;
    if (event.added_serials) Reserve(campaign, *event.added_serials);
    CarryOut(event.request);
  }

  Timestamp time_;
  Sequence sequence_;
  std::set<Claim> requests_;
  std::uint64_t last_reserved_ = 0;
  std::set<Serial> serials_;
  std::set<std::string> live_names_;
  std::map<CampaignNumber, LoggedCampaign> campaigns_;
};

}  // namespace

void CheckLog(const SimulatedLog& log) {
  LogReader reader;
  for (const CommitGroup& group : log.groups()) reader.Read(group);
}

}  // namespace coupond::simulation

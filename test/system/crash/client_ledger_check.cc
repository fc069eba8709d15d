// Compares what clients are shown with what they know.

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "system/crash/client_ledger.h"

namespace coupond::test {

void ClientLedger::SawSome(const Look& look, const std::vector<ShownCoupon>& coupons) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(look.campaign);
  if (record.life == Life::kGone) return;
  for (const ShownCoupon& coupon : coupons) Note(record, coupon);
}

void ClientLedger::SawAll(const Look& look, const ShownCampaign& shown) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(look.campaign);
  if (record.life == Life::kGone) return;
  CheckCount(record, shown);
  CheckCoupons(record, shown, look.coupons_known);
  CheckUsers(record, shown, /*all_are_shown=*/false);
}

void ClientLedger::SawNothing(const Look& look) {
  const std::lock_guard lock(mutex_);
  const Record& record = records_.at(look.campaign);
  if (record.life == Life::kLive) Add(FaultKind::kLost, record, "does not exist on the server");
}

void ClientLedger::SawCampaigns(Moment began, const std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  for (const std::string& name : names) {
    const auto found = records_.find(name);
    if (found == records_.end()) {
      faults_.Add(FaultKind::kReturned, "campaign \"" + name + "\": nobody created it");
    } else if (found->second.life == Life::kGone && found->second.gone_at <= began) {
      Add(FaultKind::kReturned, found->second, "is listed after its deletion");
    }
  }
  const std::unordered_set<std::string> listed(names.begin(), names.end());
  for (const std::string& name : not_gone_) {
    const Record& record = records_.at(name);
    if (record.life == Life::kLive && record.acknowledged_at <= began && !listed.contains(name)) {
      Add(FaultKind::kLost, record, "is not in the list of campaigns");
    }
  }
}

void ClientLedger::CheckCount(Record& record, const ShownCampaign& shown) {
  if (!record.totals.contains(shown.total_coupons) || !record.ends.contains(shown.end_time) ||
      shown.start_time != record.terms.start_time ||
      (!record.id.empty() && shown.id != record.id)) {
    Add(FaultKind::kUnexpected, record, "has terms that nobody gave it");
  }
  const auto listed = static_cast<std::int64_t>(shown.coupons.size());
  const std::int64_t places = listed - shown.returned_coupons;
  if (places > shown.total_coupons) {
    Add(FaultKind::kOverIssued, record,
        std::to_string(places) + " coupons of " + std::to_string(shown.total_coupons));
  }
  if (places != shown.issued_coupons) {
    Add(places < shown.issued_coupons ? FaultKind::kLost : FaultKind::kOverIssued, record,
        "counts " + std::to_string(shown.issued_coupons) + " coupons, but lists " +
            std::to_string(places));
  }
}

void ClientLedger::CheckCoupons(Record& record, const ShownCampaign& shown, std::size_t known) {
  std::unordered_set<std::string> codes;
  for (const ShownCoupon& coupon : shown.coupons) {
    if (!codes.insert(coupon.code).second) {
      Add(FaultKind::kDuplicate, record, coupon.code + " is listed twice");
    }
    Note(record, coupon);
  }
  for (std::size_t i = 0; i < known; ++i) {
    const std::string& code = record.codes[i];
    if (codes.contains(code)) continue;
    const std::string& owner = record.coupons.at(code).owner;
    Add(FaultKind::kLost, record,
        code + (owner.empty() ? " was shown" : " was given to " + owner) + ", and is missing");
  }
  totals_.coupons_checked += shown.coupons.size();
}

void ClientLedger::CheckUsers(const Record& record, const ShownCampaign& shown,
                              bool all_are_shown) {
  const std::int32_t limit = record.terms.coupons_per_user;
  std::unordered_map<std::string, std::int32_t> coupons;
  for (const ShownCoupon& coupon : shown.coupons) {
    if (!coupon.user_id.empty() && ++coupons[coupon.user_id] == limit + 1) {
      Add(FaultKind::kDuplicate, record,
          "the user " + coupon.user_id + " has more coupons than " + std::to_string(limit));
    }
  }
  if (!all_are_shown) return;
  for (const std::string& user : record.users_at_the_limit) {
    if (coupons[user] >= limit) continue;
    Add(FaultKind::kLost, record,
        "the user " + user + " was said to have " + std::to_string(limit) +
            " coupons, but has only " + std::to_string(coupons[user]));
  }
}

void ClientLedger::CheckUnowned(const Record& record) {
  const std::size_t unowned = record.codes.size() - record.owned;
  const std::size_t unknown = record.anonymous_unknown + record.unknown_claims.size();
  if (unowned <= unknown) return;
  Add(FaultKind::kOverIssued, record,
      std::to_string(unowned) + " coupons belong to no known request, but the outcome of only " +
          std::to_string(unknown) + " requests is unknown");
}

void ClientLedger::SettleLife(Record& record, const ShownCampaign* shown) {
  const bool was_live = record.life == Life::kLive;
  if (!was_live) ++totals_.unknown_outcomes;
  if (shown == nullptr) {
    if (was_live) Add(FaultKind::kLost, record, "was created, and is missing");
    return MakeGone(record);
  }
  if (!was_live) MakeLive(record, shown->id);
}

void ClientLedger::Check(const ServerState& state) {
  const std::lock_guard lock(mutex_);
  erasure_was_taken_ = false;
  std::map<std::string, const ShownCampaign*> shown_by_name;
  for (const ShownCampaign& shown : state.campaigns) {
    if (!shown_by_name.emplace(shown.name, &shown).second) {
      faults_.Add(FaultKind::kDuplicate, "campaign \"" + shown.name + "\": exists twice");
    }
    if (records_.contains(shown.name) && not_gone_.contains(shown.name)) continue;
    faults_.Add(FaultKind::kReturned,
                "campaign \"" + shown.name +
                    (records_.contains(shown.name) ? "\": was deleted, and exists again"
                                                   : "\": nobody created it"));
  }
  const std::vector<std::string> names(not_gone_.begin(), not_gone_.end());
  for (const std::string& name : names) {
    Record& record = records_.at(name);
    const auto found = shown_by_name.find(name);
    SettleLife(record, found == shown_by_name.end() ? nullptr : found->second);
    if (found == shown_by_name.end()) continue;
    const ShownCampaign& shown = *found->second;
    CheckCount(record, shown);
    CheckCoupons(record, shown, record.codes.size());
    CheckTerms(record, shown);
    CheckLives(record, shown);
    CheckErasures(record, shown);
    CheckUsers(record, shown, /*all_are_shown=*/true);
    CheckUnowned(record);
    // With those that were returned since, which only makes more.
    if (static_cast<std::int64_t>(shown.coupons.size()) < record.sold_out_with) {
      Add(FaultKind::kLost, record,
          "was said to be sold out, but has only " + std::to_string(shown.coupons.size()) +
              " coupons of " + std::to_string(record.sold_out_with));
    }
  }
}

}  // namespace coupond::test

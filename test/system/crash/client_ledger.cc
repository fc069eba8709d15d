#include "system/crash/client_ledger.h"

#include <algorithm>
#include <utility>

namespace coupond::test {
namespace {

/// Returns an obstacle that exists only if no request in flight may have removed it.
ClientLedger::Obstacle Sure(ClientLedger::Obstacle obstacle, bool request_is_pending) {
  obstacle.exists = obstacle.exists && !request_is_pending;
  return obstacle;
}

}  // namespace

void ClientLedger::Add(FaultKind kind, const Record& record, const std::string& what) {
  faults_.Add(kind, "campaign \"" + record.terms.name + "\": " + what);
}

void ClientLedger::BeginCreate(const Terms& terms) {
  const std::lock_guard lock(mutex_);
  Record& record = records_[terms.name];
  record.terms = terms;
  record.totals.insert(terms.total_coupons);
  record.ends.insert(terms.end_time);
  not_gone_.insert(terms.name);
}

void ClientLedger::MakeLive(Record& record, const std::string& id) {
  record.life = Life::kLive;
  record.id = id;
  record.acknowledged_at = ++now_;
}

void ClientLedger::MakeGone(Record& record) {
  record.life = Life::kGone;
  record.gone_at = ++now_;
  not_gone_.erase(record.terms.name);
  // Its coupons are not needed any more; campaign_by_code_ still has its codes.
  Record gone;
  gone.terms = record.terms;
  gone.life = Life::kGone;
  gone.id = record.id;
  gone.gone_at = record.gone_at;
  gone.totals = std::move(record.totals);
  record = std::move(gone);
}

void ClientLedger::Created(const std::string& campaign, const std::string& id) {
  const std::lock_guard lock(mutex_);
  MakeLive(records_.at(campaign), id);
  ++totals_.acknowledged_creates;
}

void ClientLedger::NotCreated(const std::string& campaign) {
  const std::lock_guard lock(mutex_);
  MakeGone(records_.at(campaign));
}

bool ClientLedger::BeginDelete(const std::string& campaign) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(campaign);
  if (found == records_.end() || found->second.life != Life::kLive) return false;
  found->second.life = Life::kDeleting;
  return true;
}

void ClientLedger::Deleted(const std::string& campaign) {
  const std::lock_guard lock(mutex_);
  MakeGone(records_.at(campaign));
  ++totals_.acknowledged_deletes;
}

void ClientLedger::NothingToDelete(const std::string& campaign) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(campaign);
  Add(FaultKind::kLost, record, "cannot be deleted, because the server does not know it");
  MakeGone(record);
}

ClientLedger::Attempt ClientLedger::BeginIssue(const std::string& campaign,
                                               const std::string& claim,
                                               const std::string& user_id) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(campaign);
  if (!claim.empty()) ++record.times_asked[claim];
  return {.campaign = campaign,
          .claim = claim,
          .user_id = user_id,
          .had_coupon = !claim.empty() && record.code_by_claim.contains(claim),
          .after_deletion = record.life == Life::kGone,
          .pause = Sure(record.pause, record.pending.has_value()),
          .archive = Sure(record.archive, record.pending.has_value())};
}

ClientLedger::KnownCoupon& ClientLedger::Note(Record& record, const ShownCoupon& coupon) {
  const auto [first, is_new] = campaign_by_code_.emplace(coupon.code, record.terms.name);
  if (!is_new && first->second != record.terms.name) {
    Add(FaultKind::kDuplicate, record,
        coupon.code + " was a coupon of \"" + first->second + "\" before");
  }
  if (coupon.issued_at < record.terms.start_time) {
    Add(FaultKind::kEarly, record, coupon.code + " was issued before the start");
  }
  const auto [found, added] = record.coupons.try_emplace(
      coupon.code,
      KnownCoupon{.issued_at = coupon.issued_at, .user_id = coupon.user_id, .owner = {}});
  KnownCoupon& known = found->second;
  if (added) {
    record.codes.push_back(coupon.code);
    // A place that may have been returned may be another coupon's, too.
    if (static_cast<std::int64_t>(record.codes.size() - record.lives.returns_begun()) >
        *record.totals.rbegin()) {
      Add(FaultKind::kOverIssued, record,
          coupon.code + " exceeds its total of " + std::to_string(*record.totals.rbegin()));
    }
  } else if (known.issued_at != coupon.issued_at ||
             (known.user_id != coupon.user_id &&
              !(coupon.user_id.empty() && erasures_.contains(known.user_id)))) {
    Add(FaultKind::kDuplicate, record,
        coupon.code + " was issued a second time, to \"" + coupon.user_id +
            "\", before that to \"" + known.user_id + "\"");
  }
  return known;
}

void ClientLedger::Own(Record& record, const Attempt& attempt, const Grant& grant) {
  KnownCoupon& known = Note(record, grant.coupon);
  const std::string owner = attempt.claim.empty()
                                ? "anonymous request " + std::to_string(++anonymous_requests_)
                                : attempt.claim;
  if (known.owner.empty()) {
    known.owner = owner;
    ++record.owned;
    ++totals_.acknowledged_issues;
  } else if (known.owner != owner) {
    Add(FaultKind::kDuplicate, record,
        grant.coupon.code + " was given to " + owner + ", and before that to " + known.owner);
  }
  if (attempt.claim.empty()) return;
  const auto [held, is_first] = record.code_by_claim.emplace(attempt.claim, grant.coupon.code);
  if (!is_first && held->second != grant.coupon.code) {
    Add(FaultKind::kDuplicate, record,
        attempt.claim + " has " + held->second + ", and was given " + grant.coupon.code + " too");
  }
  ResolveClaim(record, attempt.claim);
}

void ClientLedger::ResolveClaim(Record& record, const std::string& claim) {
  totals_.retries_resolved += record.unknown_claims.erase(claim);
}

void ClientLedger::Granted(const Attempt& attempt, const Grant& grant, Timestamp heard_at) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  if (attempt.after_deletion) {
    return Add(FaultKind::kReturned, record, "issued " + grant.coupon.code + " after its deletion");
  }
  if (heard_at < record.terms.start_time) {
    Add(FaultKind::kEarly, record, "gave out " + grant.coupon.code + " before the start");
  }
  // Deleted meanwhile, so the coupon can no longer be looked up.
  if (record.life == Life::kGone) return;
  const bool is_new = !grant.already_issued && !grant.may_be_repeated;
  if (is_new && attempt.pause.exists && record.pause.changes == attempt.pause.changes) {
    Add(FaultKind::kChangeLost, record, "gave out " + grant.coupon.code + " although it is paused");
  }
  if (is_new && attempt.archive.exists && record.archive.changes == attempt.archive.changes) {
    Add(FaultKind::kChangeLost, record,
        "gave out " + grant.coupon.code + " although it is archived");
  }
  if (grant.already_issued && record.times_asked[attempt.claim] == 1) {
    Add(FaultKind::kUnexpected, record, attempt.claim + " was answered as if it had asked before");
  }
  Own(record, attempt, grant);
}

void ClientLedger::LimitReached(const Attempt& attempt, const ShownCoupon& last) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  if (attempt.after_deletion) {
    return Add(FaultKind::kReturned, record, "exists on the server after its deletion");
  }
  if (record.life == Life::kGone) return;
  if (last.user_id != attempt.user_id) {
    Add(FaultKind::kUnexpected, record,
        attempt.user_id + " was shown " + last.code + ", a coupon of \"" + last.user_id + "\"");
  }
  const auto held = record.code_by_claim.find(attempt.claim);
  if (held != record.code_by_claim.end()) {
    Add(FaultKind::kLost, record,
        attempt.claim + " has " + held->second + ", but was told that it is one too many");
  }
  Note(record, last);
  record.users_at_the_limit.insert(attempt.user_id);
  ResolveClaim(record, attempt.claim);
}

void ClientLedger::SoldOut(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  if (attempt.after_deletion) {
    return Add(FaultKind::kReturned, record, "exists on the server after its deletion");
  }
  if (record.life == Life::kGone) return;
  record.sold_out_with = std::max(record.sold_out_with, *record.totals.begin());
  // Another client may have got the claim's coupon since: a campaign is not sold out for good.
  if (attempt.had_coupon) {
    Add(FaultKind::kLost, record,
        attempt.claim + " has " + record.code_by_claim.at(attempt.claim) +
            ", but was told \"sold out\"");
  }
  ResolveClaim(record, attempt.claim);
}

void ClientLedger::BatchRefused(const std::vector<Attempt>& attempts, bool as_sold_out) {
  const std::lock_guard lock(mutex_);
  for (const Attempt& attempt : attempts) {
    Record& record = records_.at(attempt.campaign);
    if (attempt.after_deletion) {
      return Add(FaultKind::kReturned, record, "exists on the server after its deletion");
    }
    if (record.life == Life::kGone) continue;
    if (as_sold_out) {
      record.sold_out_with = std::max(record.sold_out_with, *record.totals.begin());
    }
    if (!attempt.claim.starts_with("batch")) continue;
    const auto held = record.code_by_claim.find(attempt.claim);
    if (held != record.code_by_claim.end()) {
      Add(FaultKind::kLost, record,
          attempt.claim + " has " + held->second + ", but its batch was refused");
    }
    ResolveClaim(record, attempt.claim);
  }
}

void ClientLedger::NotStarted(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  if (attempt.after_deletion) {
    return Add(FaultKind::kReturned, record, "exists on the server after its deletion");
  }
  ResolveClaim(record, attempt.claim);
}

void ClientLedger::NoSuchCampaign(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  if (record.life == Life::kLive) {
    Add(FaultKind::kLost, record, "does not exist on the server");
  }
  ResolveClaim(record, attempt.claim);
}

void ClientLedger::OutcomeUnknown(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  ++totals_.unknown_outcomes;
  Record& record = records_.at(attempt.campaign);
  if (record.life == Life::kGone) return;
  if (attempt.claim.empty()) {
    ++record.anonymous_unknown;
  } else if (!record.code_by_claim.contains(attempt.claim)) {
    record.unknown_claims.insert(attempt.claim);
  }
}

ClientLedger::Look ClientLedger::BeginLook(const std::string& campaign) const {
  const std::lock_guard lock(mutex_);
  return {.campaign = campaign, .coupons_known = records_.at(campaign).codes.size()};
}

ClientLedger::Moment ClientLedger::BeginListing() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

ClientLedger::Campaign ClientLedger::Find(const std::string& campaign) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(campaign);
  if (found == records_.end()) return {};
  return {.life = found->second.life,
          .id = found->second.id,
          .coupons_per_user = found->second.terms.coupons_per_user,
          .must_be_resumed = found->second.pause.exists && !found->second.pending,
          .must_be_unarchived = found->second.archive.exists && !found->second.pending};
}

ClientLedger::Totals ClientLedger::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace coupond::test

// What clients were told of changes of campaigns.

#include <algorithm>

#include "system/crash/client_ledger.h"

namespace coupond::test {
namespace {

using Outcome = CampaignReply;
using Kind = CampaignRequestKind;

/// Totals change by at most this, so that few campaigns become much larger or sell out at once.
constexpr std::int64_t kTotalStepMax = 40;

/// Returns another total, higher or lower.
std::int64_t AnotherTotal(std::int64_t total, std::uint32_t draw) {
  const auto step = static_cast<std::int64_t>(1 + draw / 2 % kTotalStepMax);
  return draw % 2 == 0 || total <= step ? total + step : total - step;
}

}  // namespace

std::optional<CampaignRequest> ClientLedger::BeginCampaignRequest(CampaignRequestKind kind,
                                                                  const std::string& campaign,
                                                                  const std::string& request_id,
                                                                  std::uint32_t draw) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(campaign);
  if (record.life != Life::kLive || record.pending) return std::nullopt;
  if (kind != Kind::kSetTotal && record.is_paused == (kind == Kind::kPause)) return std::nullopt;
  CampaignRequest request{.kind = kind,
                          .campaign = campaign,
                          .id = record.id,
                          .request_id = request_id,
                          .total_coupons = record.terms.total_coupons};
  if (kind == Kind::kSetTotal) {
    request.total_coupons = AnotherTotal(record.terms.total_coupons, draw);
    record.totals.insert(request.total_coupons);
  } else {
    ++record.pause_changes;
    record.may_be_paused = true;
  }
  record.pending = request;
  return request;
}

void ClientLedger::Heard(const CampaignRequest& request, CampaignReply reply) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(request.campaign);
  totals_.retries_resolved += request.is_retry ? 1 : 0;
  if (record.life == Life::kGone) return;
  if (reply == Outcome::kNoSuchCampaign) {
    if (record.life == Life::kLive) Add(FaultKind::kLost, record, "does not exist on the server");
    return;
  }
  record.pending.reset();
  if (request.kind == Kind::kSetTotal) return HeardOfTotal(record, request, reply);
  const bool paused = request.kind == Kind::kPause;
  // Only somebody who repeats a request may find that it is so already.
  if (reply == Outcome::kUnchanged && !request.is_retry) {
    Add(FaultKind::kChangeLost, record,
        paused ? "was resumed, and is paused" : "was paused, and is not");
  }
  ++record.pause_changes;
  record.is_paused = record.may_be_paused = paused;
  ++totals_.acknowledged_pauses;
}

void ClientLedger::HeardOfTotal(Record& record, const CampaignRequest& request,
                                CampaignReply reply) {
  const std::string change = "total of " + std::to_string(request.total_coupons);
  const bool was_seen = record.terms.total_coupons == request.total_coupons;
  if (reply == Outcome::kDone) {
    record.terms.total_coupons = request.total_coupons;
    ++totals_.acknowledged_updates;
  } else if (was_seen) {
    Add(FaultKind::kChangeLost, record, "had the " + change + ", and a retry was refused");
  } else if (reply == Outcome::kUnchanged) {
    Add(FaultKind::kChangeLost, record,
        "has the " + change + ", in place of " + std::to_string(record.terms.total_coupons));
  } else if (request.total_coupons > record.terms.total_coupons) {
    Add(FaultKind::kUnexpected, record, "has more coupons than the " + change);
  }
}

void ClientLedger::OutcomeUnknown(CampaignRequest& request) {
  const std::lock_guard lock(mutex_);
  ++totals_.unknown_outcomes;
  request.is_retry = true;
}

void ClientLedger::Paused(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  if (attempt.after_deletion) {
    return Add(FaultKind::kReturned, record, "exists on the server after its deletion");
  }
  if (record.life == Life::kGone) return;
  if (!attempt.may_be_paused && record.pause_changes == attempt.pause_changes) {
    Add(FaultKind::kUnexpected, record, "is said to be paused");
  }
  if (attempt.had_coupon) {
    Add(FaultKind::kLost, record,
        attempt.claim + " has " + record.code_by_claim.at(attempt.claim) +
            ", but was told \"paused\"");
  }
  ResolveClaim(record, attempt.claim);
}

void ClientLedger::CheckTerms(Record& record, const ShownCampaign& shown) {
  const auto& pending = record.pending;
  const bool sets_total = pending && pending->kind == Kind::kSetTotal;
  if (sets_total && shown.total_coupons == pending->total_coupons) {
    record.terms.total_coupons = shown.total_coupons;
  }
  if (shown.total_coupons != record.terms.total_coupons) {
    Add(FaultKind::kChangeLost, record,
        "had a total of " + std::to_string(record.terms.total_coupons) + ", and has one of " +
            std::to_string(shown.total_coupons));
  }
  const bool pauses = pending && pending->kind == Kind::kPause;
  const bool resumes = pending && pending->kind == Kind::kResume;
  if (shown.issuing_paused != record.is_paused && !(shown.issuing_paused ? pauses : resumes)) {
    Add(FaultKind::kChangeLost, record,
        record.is_paused ? "was paused, and is not" : "was resumed, and is paused");
  }
  record.is_paused = shown.issuing_paused;
  record.may_be_paused = shown.issuing_paused || pauses;
  ++record.pause_changes;
}

}  // namespace coupond::test

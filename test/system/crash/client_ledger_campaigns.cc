// What clients were told of changes of campaigns.

#include <chrono>
#include <string>

#include "system/crash/client_ledger.h"

namespace coupond::test {
namespace {

using Outcome = CampaignReply;
using Kind = CampaignRequestKind;

/// Totals change by at most this, so that few campaigns become much larger or sell out at once.
constexpr std::int64_t kTotalStepMax = 40;
/// No end comes during a run, so whatever has ended was archived.
constexpr std::uint32_t kEndDaysMin = 2;
constexpr std::uint32_t kEndDaysRange = 1'000;

/// Returns another total, higher or lower.
std::int64_t AnotherTotal(std::int64_t total, std::uint32_t draw) {
  const auto step = static_cast<std::int64_t>(1 + draw / 2 % kTotalStepMax);
  return draw % 2 == 0 || total <= step ? total + step : total - step;
}

/// Returns another end, or none.
Timestamp AnotherEnd(Timestamp start, Timestamp end, std::uint32_t draw) {
  const Timestamp other =
      start.Plus(std::chrono::hours(24) * (kEndDaysMin + draw / 4 % kEndDaysRange));
  return draw % 4 == 0 || other == end ? kNever : other;
}

std::string TextOf(Timestamp end) {
  return end == kNever ? "none" : std::to_string(end.unix_nanoseconds());
}

bool SetsTerm(Kind kind) { return kind == Kind::kSetTotal || kind == Kind::kSetEnd; }
/// Of the requests that set no term: whether it puts an obstacle in the way of issuing.
bool Begins(Kind kind) { return kind == Kind::kPause || kind == Kind::kArchive; }

/// The words for an obstacle that has vanished, and for one that has come back.
struct ObstacleFaults {
  const char* vanished;
  const char* came_back;
};
ObstacleFaults FaultsOf(Kind kind) {
  if (kind == Kind::kPause || kind == Kind::kResume) {
    return {.vanished = "was paused, and is not", .came_back = "was resumed, and is paused"};
  }
  return {.vanished = "was archived, and is not", .came_back = "was unarchived, and is archived"};
}

}  // namespace

ClientLedger::Obstacle& ClientLedger::ObstacleOf(Record& record, CampaignRequestKind kind) {
  return kind == Kind::kPause || kind == Kind::kResume ? record.pause : record.archive;
}

std::optional<CampaignRequest> ClientLedger::BeginCampaignRequest(CampaignRequestKind kind,
                                                                  const std::string& campaign,
                                                                  const std::string& request_id,
                                                                  std::uint32_t draw) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(campaign);
  if (record.life != Life::kLive || record.pending) return std::nullopt;
  // Nothing else can be done to an archived campaign.
  if (record.archive.exists && kind != Kind::kUnarchive) return std::nullopt;
  if (!SetsTerm(kind) && ObstacleOf(record, kind).exists == Begins(kind)) return std::nullopt;
  CampaignRequest request{.kind = kind,
                          .campaign = campaign,
                          .id = record.id,
                          .request_id = request_id,
                          .total_coupons = record.terms.total_coupons,
                          .end_time = record.terms.end_time};
  if (kind == Kind::kSetTotal) {
    request.total_coupons = AnotherTotal(record.terms.total_coupons, draw);
    record.totals.insert(request.total_coupons);
  } else if (kind == Kind::kSetEnd) {
    request.end_time = AnotherEnd(record.terms.start_time, record.terms.end_time, draw);
    if (request.end_time == record.terms.end_time) return std::nullopt;  // none, and none again
    record.ends.insert(request.end_time);
  } else {
    Obstacle& obstacle = ObstacleOf(record, kind);
    ++obstacle.changes;
    obstacle.may_exist = true;
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
  if (request.kind == Kind::kSetEnd) return HeardOfEnd(record, request, reply);
  const bool begins = Begins(request.kind);
  // Only a client that repeats a request may find that it is so already.
  if (reply == Outcome::kUnchanged && !request.is_retry) {
    const ObstacleFaults faults = FaultsOf(request.kind);
    Add(FaultKind::kChangeLost, record, begins ? faults.came_back : faults.vanished);
  }
  Obstacle& obstacle = ObstacleOf(record, request.kind);
  ++obstacle.changes;
  obstacle.exists = obstacle.may_exist = begins;
  const bool is_pause = request.kind == Kind::kPause || request.kind == Kind::kResume;
  ++(is_pause ? totals_.acknowledged_pauses : totals_.acknowledged_archivings);
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

void ClientLedger::HeardOfEnd(Record& record, const CampaignRequest& request, CampaignReply reply) {
  if (reply == Outcome::kDone) {
    record.terms.end_time = request.end_time;
    ++totals_.acknowledged_updates;
    return;
  }
  // Nothing but itself sets this end, and no coupon stands in its way.
  Add(FaultKind::kChangeLost, record,
      "had the end " + TextOf(record.terms.end_time) + ", and another, " +
          TextOf(request.end_time) + ", changed nothing");
}

void ClientLedger::OutcomeUnknown(CampaignRequest& request) {
  const std::lock_guard lock(mutex_);
  ++totals_.unknown_outcomes;
  request.is_retry = true;
}

void ClientLedger::RefusedFor(const Attempt& attempt, const Obstacle& then, const Obstacle& now,
                              Record& record, const std::string& refusal) {
  if (attempt.after_deletion) {
    return Add(FaultKind::kReturned, record, "exists on the server after its deletion");
  }
  if (record.life == Life::kGone) return;
  if (!then.may_exist && now.changes == then.changes) {
    Add(FaultKind::kUnexpected, record, "is said to be " + refusal);
  }
  if (attempt.had_coupon) {
    Add(FaultKind::kLost, record,
        attempt.claim + " has " + record.code_by_claim.at(attempt.claim) + ", but was told \"" +
            refusal + "\"");
  }
  ResolveClaim(record, attempt.claim);
}

void ClientLedger::Paused(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  RefusedFor(attempt, attempt.pause, record.pause, record, "paused");
}

void ClientLedger::Ended(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(attempt.campaign);
  RefusedFor(attempt, attempt.archive, record.archive, record, "over");
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
  const bool sets_end = pending && pending->kind == Kind::kSetEnd;
  if (sets_end && shown.end_time == pending->end_time) record.terms.end_time = shown.end_time;
  if (shown.end_time != record.terms.end_time) {
    Add(FaultKind::kChangeLost, record,
        "had the end " + TextOf(record.terms.end_time) + ", and has " + TextOf(shown.end_time));
  }
  CheckObstacle(record, shown.issuing_paused, Kind::kPause, Kind::kResume);
  CheckObstacle(record, shown.is_archived, Kind::kArchive, Kind::kUnarchive);
}

void ClientLedger::CheckObstacle(Record& record, bool is_shown, CampaignRequestKind begins,
                                 CampaignRequestKind ends) {
  Obstacle& obstacle = ObstacleOf(record, begins);
  const bool may_begin = record.pending && record.pending->kind == begins;
  const bool may_end = record.pending && record.pending->kind == ends;
  if (is_shown != obstacle.exists && !(is_shown ? may_begin : may_end)) {
    const ObstacleFaults faults = FaultsOf(begins);
    Add(FaultKind::kChangeLost, record, obstacle.exists ? faults.vanished : faults.came_back);
  }
  obstacle.exists = is_shown;
  obstacle.may_exist = is_shown || may_begin;
  ++obstacle.changes;
}

}  // namespace coupond::test

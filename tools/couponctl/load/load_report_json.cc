#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "couponctl/load/load_report.h"

namespace coupond::ctl {
namespace {

double InSeconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

double InMilliseconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

boost::json::object ErrorsJson(const RequestTally& tally) {
  boost::json::object json;
  for (const auto& [name, count] : tally.errors()) json[name] = count;
  return json;
}

boost::json::object LatencyJson(const LatencyRecord& latency) {
  boost::json::object json;
  for (const NamedPercentile& percentile : kShownPercentiles) {
    json[percentile.name] = InMilliseconds(latency.Percentile(percentile.percent));
  }
  json["max"] = InMilliseconds(latency.max());
  return json;
}

boost::json::object UseJson(const GeneratorUse& use, const LatencyRecord& latency) {
  boost::json::object json;
  const auto why = use.WhyLimit(latency);
  json["wasLimit"] = why.has_value();
  if (why) json["message"] = "this load generator, not the server, was the limit: " + *why;
  json["busyShare"] = use.BusyShare();
  json["waitedForProcessorShare"] = use.WaitedShare();
  json["lateRequests"] = use.late;
  json["latenessP99Ms"] = InMilliseconds(use.lateness.Percentile(99));
  json["latenessMaxMs"] = InMilliseconds(use.lateness.max());
  return json;
}

boost::json::object RedeemJson(const LoadResult& result) {
  boost::json::object json;
  json["begun"] = result.redeemed.has_value();
  if (!result.redeemed) return json;
  const RedeemResult& redeemed = *result.redeemed;
  const RedeemTally& tally = redeemed.tally;
  json["beginSeconds"] = InSeconds(redeemed.begin);
  json["elapsedSeconds"] = InSeconds(redeemed.elapsed);
  json["sent"] = tally.sent();
  json["attempts"] = tally.attempts();
  json["redeemed"] = tally.redeemed();
  json["alreadyRedeemed"] = tally.already_redeemed();
  boost::json::object& refused = json["refused"].emplace_object();
  for (const RedeemRefusal& refusal : kRedeemRefusals) {
    refused[refusal.json] = tally.count(refusal.outcome);
  }
  json["failed"] = tally.failed();
  json["outcomeUnknown"] = tally.open();
  json["settled"] = tally.settled();
  json["notSent"] = NeverRedeemed(result);
  json["errors"] = ErrorsJson(tally);
  json["achievedRate"] = AchievedRate(redeemed);
  json["latencyMs"] = LatencyJson(tally.latency());
  json["generator"] = UseJson(redeemed.use, tally.latency());
  return json;
}

boost::json::object CheckJson(const CheckOutcome& check, const LoadResult& result) {
  constexpr std::array<std::string_view, 4> kStates = {"passed", "failed", "skipped", "impossible"};
  boost::json::object json;
  json["state"] = kStates[static_cast<std::size_t>(check.state)];
  if (check.state == CheckOutcome::State::kSkipped) return json;
  json["total"] = check.after.total;
  json["couponsPerUser"] = check.after.coupons_per_user;
  json["issuedBefore"] = check.before.issued;
  if (check.state == CheckOutcome::State::kImpossible) {
    json["message"] = check.why_impossible;
    return json;
  }
  json["issuedAfter"] = check.after.issued;
  json["listed"] = check.listed;
  if (result.redeemed) {
    json["redeemedBefore"] = check.before.redeemed;
    json["redeemedAfter"] = check.after.redeemed;
    json["secondRedemptions"] = check.second_redemptions;
  }
  boost::json::array& faults = json["faults"].emplace_array();
  for (const Fault& fault : check.faults) {
    faults.push_back(
        {{"kind", FaultName(fault.kind)}, {"count", fault.count}, {"message", fault.message}});
  }
  return json;
}

}  // namespace

std::string SummaryJson(const LoadPlan& plan, const LoadResult& result, const CheckOutcome& check) {
  const LoadTally& tally = result.tally;
  boost::json::object json;
  json["campaignId"] = plan.campaign_id;
  json["connections"] = plan.connections;
  json["rate"] = plan.schedule.rate_per_second()
                     ? boost::json::value(*plan.schedule.rate_per_second())
                     : boost::json::value("max");
  json["durationSeconds"] = InSeconds(plan.schedule.duration());
  json["users"] = plan.users.count;
  json["rampSeconds"] = InSeconds(plan.schedule.ramp());
  json["elapsedSeconds"] = InSeconds(result.elapsed);
  json["interrupted"] = result.interrupted;
  json["sent"] = tally.sent();
  json["attempts"] = tally.attempts();
  json["issued"] = tally.issued();
  json["alreadyIssued"] = tally.already_issued();
  boost::json::object& refused = json["refused"].emplace_object();
  for (const IssueRefusal& refusal : kIssueRefusals) {
    refused[refusal.json] = tally.refused(refusal.reason);
  }
  json["failed"] = tally.failed();
  json["outcomeUnknown"] = tally.open();
  json["notSent"] = tally.not_sent();
  json["errors"] = ErrorsJson(tally);
  json["connectionsOpened"] = tally.connections();
  json["achievedRate"] = AchievedRate(result);
  json["latencyMs"] = LatencyJson(tally.latency());
  json["generator"] = UseJson(result.use, tally.latency());
  if (plan.redeem) json["redeem"] = RedeemJson(result);
  json["check"] = CheckJson(check, result);
  return boost::json::serialize(json) + "\n";
}

}  // namespace coupond::ctl

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/duration_text.h"
#include "common/moment_text.h"
#include "common/table.h"
#include "coupon_audit/commands/commands.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/read_ahead.h"
#include "program/standard_streams.h"

namespace coupond::audit {
namespace {

namespace json = boost::json;

/// Reports whether the event comes after the moment that was asked for.
bool IsBeyond(const Options& options, const Moment& moment) {
  return (options.until_sequence && moment.sequence > *options.until_sequence) ||
         (options.until_time && moment.time > *options.until_time);
}

/// The campaigns, and the last event that has contributed to them.
struct State {
  LogModel model;
  Moment last;
};

/// Reports whether no event has contributed, so that there is no moment.
bool IsBeforeFirst(const State& state) { return state.last.sequence == Sequence(); }

std::string StateOfCampaign(const ModelCampaign& campaign) {
  if (!campaign.live()) return "deleted " + tools::FormatMoment(campaign.deleted->time);
  if (campaign.archived) return "archived " + tools::FormatMoment(*campaign.archived);
  if (campaign.issuing_paused && campaign.redeeming_paused) return "paused";
  if (campaign.issuing_paused) return "issuing paused";
  return campaign.redeeming_paused ? "redeeming paused" : "live";
}

/// Returns when the campaign's coupons expire: "-", a time, a duration from their issue, or both.
std::string ExpiryText(const ModelCampaign& campaign) {
  const std::string at = campaign.expiry == kNever ? "" : tools::FormatMoment(campaign.expiry);
  if (campaign.valid_duration == kUnlimited) return at.empty() ? "-" : at;
  const std::string after = FormatDuration(campaign.valid_duration) + " after issue";
  return at.empty() ? after : fmt::format("{}, {}", at, after);
}

std::string StateText(const State& state) {
  using Align = tools::Table::Align;
  tools::Table table({{.title = "NUMBER", .align = Align::kRight},
                      {.title = "ID"},
                      {.title = "NAME", .may_be_cut = true},
                      {.title = "ISSUED", .align = Align::kRight},
                      {.title = "TOTAL", .align = Align::kRight},
                      {.title = "REDEEMED", .align = Align::kRight},
                      {.title = "VOIDED", .align = Align::kRight},
                      {.title = "RETURNED", .align = Align::kRight},
                      {.title = "PER USER", .align = Align::kRight},
                      {.title = "STARTS"},
                      {.title = "ENDS"},
                      {.title = "EXPIRE"},
                      {.title = "CREATED"},
                      {.title = "STATE"}});
  for (const ModelCampaign& campaign : state.model.campaigns()) {
    table.AddRow({fmt::format("{}", campaign.number.value()), FormatUuid(campaign.id.bytes),
                  campaign.name, fmt::format("{}", campaign.issued),
                  fmt::format("{}", campaign.total), fmt::format("{}", campaign.redeemed),
                  fmt::format("{}", campaign.voided), fmt::format("{}", campaign.returned),
                  fmt::format("{}", campaign.coupons_per_user), tools::FormatMoment(campaign.start),
                  campaign.end == kNever ? "-" : tools::FormatMoment(campaign.end),
                  ExpiryText(campaign), tools::FormatMoment(campaign.created),
                  StateOfCampaign(campaign)});
  }
  const std::string place =
      IsBeforeFirst(state)
          ? "before the first event"
          : fmt::format("after sequence {} in group {}, {}", state.last.sequence.value(),
                        state.last.group.value(), tools::FormatMoment(state.last.time));
  return fmt::format("{}: {} live, {} deleted, {} coupons\n", place, state.model.live_campaigns(),
                     state.model.campaigns().size() - state.model.live_campaigns(),
                     state.model.issued_coupons()) +
         table.Text({.columns_max = TerminalColumns(STDOUT_FILENO)});
}

json::value MomentOrNull(const std::optional<Timestamp>& moment) {
  return moment ? json::value(tools::FormatMoment(*moment)) : json::value(nullptr);
}

/// Returns null if the moment or duration is the one that stands for none.
json::value MomentUnless(Timestamp none, Timestamp moment) {
  return moment == none ? json::value(nullptr) : json::value(tools::FormatMoment(moment));
}
json::value DurationOrNull(std::chrono::nanoseconds duration) {
  if (duration == kUnlimited) return nullptr;
  return json::value(tools::FormatSeconds(duration));
}

json::object CampaignJson(const ModelCampaign& campaign) {
  json::object metadata;
  for (const MetadataEntry& entry : campaign.metadata) {
    metadata[ValidUtf8(entry.key)] = ValidUtf8(entry.value);
  }
  json::array serials;
  for (const SerialRange& range : campaign.serials) {
    serials.push_back(json::object{{"first", range.first.value()}, {"count", range.count}});
  }
  const auto deleted =
      campaign.live() ? std::nullopt : std::optional<Timestamp>(campaign.deleted->time);
  return {{"campaign", campaign.number.value()},
          {"campaignId", FormatUuid(campaign.id.bytes)},
          {"name", ValidUtf8(campaign.name)},
          {"description", ValidUtf8(campaign.description)},
          {"metadata", std::move(metadata)},
          {"totalCoupons", campaign.total},
          {"issuedCoupons", campaign.issued},
          {"redeemedCoupons", campaign.redeemed},
          {"voidedCoupons", campaign.voided},
          {"returnedCoupons", campaign.returned},
          {"startTime", tools::FormatMoment(campaign.start)},
          {"endTime", MomentUnless(kNever, campaign.end)},
          {"couponsPerUser", campaign.coupons_per_user},
          {"userRequired", campaign.user_required},
          {"redeemStartTime", MomentUnless(kAlways, campaign.redeem_start)},
          {"expireTime", MomentUnless(kNever, campaign.expiry)},
          {"validDuration", DurationOrNull(campaign.valid_duration)},
          {"redeemByHolderOnly", campaign.redeem_by_holder_only},
          {"createdAt", tools::FormatMoment(campaign.created)},
          {"serials", std::move(serials)},
          {"revision", campaign.revision.value()},
          {"issuingPaused", campaign.issuing_paused},
          {"redeemingPaused", campaign.redeeming_paused},
          {"soldOutAt", MomentOrNull(campaign.sold_out)},
          {"archivedAt", MomentOrNull(campaign.archived)},
          {"live", campaign.live()},
          {"deletedAt", MomentOrNull(deleted)}};
}

std::string StateJson(const State& state) {
  json::array campaigns;
  for (const ModelCampaign& campaign : state.model.campaigns()) {
    campaigns.push_back(CampaignJson(campaign));
  }
  const auto time = IsBeforeFirst(state) ? std::nullopt : std::optional<Timestamp>(state.last.time);
  return json::serialize(json::object{{"sequence", state.last.sequence.value()},
                                      {"group", state.last.group.value()},
                                      {"time", MomentOrNull(time)},
                                      {"campaigns", std::move(campaigns)}}) +
         "\n";
}

}  // namespace

ExitCode RunReplay(const Options& options, tools::Output& output) {
  const Audited<WitnessedLog> log = WitnessedLog::Open(options.directory);
  if (!log) return ReportFinding(log.error(), options.json, output);
  const Audited<Erasures> erasures = log->FindErasures();
  State state{.model = LogModel(erasures.value_or(Erasures())), .last = {}};
  bool to_the_end = true;
  Audited<void> visited =
      VisitLog(*log, "replaying", [&](const Event& event, const Moment& moment) -> Audited<bool> {
        if (IsBeyond(options, moment)) {
          to_the_end = false;
          return false;
        }
        TRY(state.model.Take(event, moment));
        state.last = moment;
        return true;
      });
  if (visited && to_the_end) visited = state.model.Finish();
  if (!visited) {
    // What erased the user may be in the part that cannot be read.
    const bool is_unknown =
        !erasures && IsViolation(visited.error(), ViolationKind::kUserIdMissing);
    return ReportFinding(is_unknown ? erasures.error() : visited.error(), options.json, output);
  }
  output.text << (options.json ? StateJson(state) : StateText(state));
  return ExitCode::kSound;
}

}  // namespace coupond::audit

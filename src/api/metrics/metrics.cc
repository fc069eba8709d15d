#include "api/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "api/access/method_access.h"
#include "api/metrics/families.h"
#include "api/refusal_mapping.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "rpc/connect/error.h"

namespace coupond::api {
namespace {

using prometheus::MetricType;
using Workers = std::span<const std::unique_ptr<WorkerFigures>>;

/// Returns the sum of a number over all workers.
template <typename Number>
double SumOf(Workers workers, Number number) {
  std::uint64_t sum = 0;
  for (const auto& worker : workers) sum += number(*worker);
  return static_cast<double>(sum);
}

/// Returns "coupon.v1.CouponService/IssueCoupon".
std::string MethodLabel(std::size_t method) {
  return std::string(AllMethodAccess()[method].path.substr(1));
}

/// Returns "sold_out".
std::string RefusalLabel(RefusalReason reason) {
  std::string label(RefusalName(reason));
  for (char& c : label) c = LowerCase(c);
  return label;
}

std::string CodeLabel(std::size_t code) {
  if (code == 0) return "ok";
  return std::string(connect::CodeName(static_cast<connect::Code>(code)));
}

/// Adds the calls of one method. Most ways and codes never occur, so only those that did are there,
/// and success in Connect's protocol, so that each method is there from the start.
void AddCallsOf(Workers workers, std::size_t method, Families& families) {
  for (std::size_t way = 0; way < kCallWays; ++way) {
    for (std::size_t code = 0; code < kOutcomeCodes; ++code) {
      const double calls = SumOf(workers, [&](const WorkerFigures& worker) {
        return worker.methods()[method].outcomes[way][code].value();
      });
      if (calls == 0 && (way != 0 || code != 0)) continue;
      families.Add(calls, {{.name = "method", .value = MethodLabel(method)},
                           {.name = "protocol", .value = std::string(CallWayName(CallWay(way)))},
                           {.name = "code", .value = CodeLabel(code)}});
    }
  }
}

void AddCalls(Workers workers, Families& families) {
  const std::size_t methods = AllMethodAccess().size();
  families.Begin(MetricType::Counter, "coupond_rpc_requests_total",
                 "Requests that were answered, by method, protocol and code.");
  for (std::size_t method = 0; method < methods; ++method) AddCallsOf(workers, method, families);
  families.Begin(MetricType::Histogram, "coupond_rpc_request_duration_seconds",
                 "Time from the arrival of a whole request until its response was handed on.");
  for (std::size_t method = 0; method < methods; ++method) {
    HistogramFigures sum{.bounds = kTimeBounds,
                         .counts = std::vector<std::uint64_t>(kTimeBounds.size() + 1),
                         .sum = 0};
    for (const auto& worker : workers) sum += worker->methods()[method].duration.figures();
    families.Add(sum, kNanoseconds, {{.name = "method", .value = MethodLabel(method)}});
  }
  // What has ended has begun: read in this order, the difference is never negative.
  const double ended = SumOf(workers, [](const WorkerFigures& worker) { return worker.ended(); });
  const double begun = SumOf(workers, [](const WorkerFigures& worker) { return worker.begun(); });
  families.AddGauge("coupond_rpc_requests_in_flight", "Requests that are not answered yet.",
                    begun - ended);
}

/// The refusals that are there from the start.
constexpr std::array kUsualIssueRefusals = {RefusalReason::kSoldOut, RefusalReason::kNotStarted,
                                            RefusalReason::kEnded,
                                            RefusalReason::kUserLimitReached};
constexpr std::array kUsualRedeemRefusals = {RefusalReason::kNoSuchCoupon,
                                             RefusalReason::kCouponAlreadyRedeemed,
                                             RefusalReason::kCouponExpired};

struct OutcomeNames {
  std::string_view metric;
  std::string_view help;
  std::string_view done;
  std::string_view repeated;
  std::span<const RefusalReason> usual;
};

template <typename Outcomes>
void AddOutcomes(Workers workers, const OutcomeNames& names, Outcomes outcomes,
                 Families& families) {
  families.Begin(MetricType::Counter, std::string(names.metric), std::string(names.help));
  const auto add = [&](std::string_view outcome, double value) {
    families.Add(value, {{.name = "outcome", .value = std::string(outcome)}});
  };
  add(names.done, SumOf(workers, [&](const auto& worker) { return outcomes(worker).done(); }));
  add(names.repeated,
      SumOf(workers, [&](const auto& worker) { return outcomes(worker).repeated(); }));
  for (std::size_t reason = 0; reason < kRefusalReasons; ++reason) {
    const double refused =
        SumOf(workers, [&](const auto& worker) { return outcomes(worker).refused(reason); });
    const auto refusal = static_cast<RefusalReason>(reason);
    const bool is_usual = std::ranges::find(names.usual, refusal) != names.usual.end();
    if (refused == 0 && !is_usual) continue;
    add(RefusalLabel(refusal), refused);
  }
}

void AddCommands(Workers workers, Families& families) {
  AddOutcomes(
      workers,
      {.metric = "coupond_issue_outcomes_total",
       .help = "What IssueCoupon was answered with.",
       .done = "issued",
       .repeated = "already_issued",
       .usual = kUsualIssueRefusals},
      [](const WorkerFigures& worker) -> const CommandOutcomes& { return worker.issues(); },
      families);
  AddOutcomes(
      workers,
      {.metric = "coupond_redeem_outcomes_total",
       .help = "What RedeemCoupon was answered with.",
       .done = "redeemed",
       .repeated = "already_redeemed_by_request",
       .usual = kUsualRedeemRefusals},
      [](const WorkerFigures& worker) -> const CommandOutcomes& { return worker.redemptions(); },
      families);
  families.Begin(MetricType::Counter, "coupond_command_rejections_total",
                 "Commands that were not decided, by reason.");
  for (std::size_t i = 0; i < kRejections; ++i) {
    families.Add(SumOf(workers, [i](const WorkerFigures& worker) { return worker.rejections(i); }),
                 {{.name = "reason", .value = std::string(RejectionName(Rejection(i)))}});
  }
}

void AddEngine(const EngineMeter& engine, const ServerFigures& server, Families& families) {
  const auto count = [](auto number) { return static_cast<double>(number); };
  families.AddGauge("coupond_command_queue_length", "Commands that wait for the writing thread.",
                    count(server.queues.commands));
  families.AddGauge("coupond_command_queue_capacity", "The most commands that may wait.",
                    count(server.queues.commands_max));
  families
      .Begin(MetricType::Histogram, "coupond_command_queue_wait_seconds",
             "Time that the first command of each group was in the queue.")
      .Add(engine.queue_wait(), kNanoseconds);
  families.Begin(MetricType::Histogram, "coupond_group_commands", "Commands of each group.")
      .Add(engine.group_commands(), 1);
  families
      .Begin(MetricType::Histogram, "coupond_log_append_seconds",
             "Time to write a group to the log and sync it.")
      .Add(engine.append(), kNanoseconds);
  families.AddGaugeIf("coupond_log_size_bytes", "Size of the log's files.",
                      server.log_bytes.transform(count));
  families.AddGauge("coupond_log_head_sequence", "Sequence of the last event in the log.",
                    count(server.head_sequence));
  families.AddGauge("coupond_views_lag_events", "Events in the log that the views do not have yet.",
                    count(server.views_lag_events));
  families.AddGauge("coupond_query_queue_length", "Queries that wait.",
                    count(server.queues.queries));
  families
      .Begin(MetricType::Histogram, "coupond_query_seconds",
             "Time of each query from its arrival to its end.")
      .Add(engine.queries(), kNanoseconds);
  families.AddGauge("coupond_recovery_seconds", "Time that the last start took to read the store.",
                    std::chrono::duration<double>(server.recovery.time).count());
  families.AddGauge("coupond_recovery_events", "Events of the log that the last start read.",
                    count(server.recovery.events));
  families.AddGauge("coupond_recovery_torn_bytes",
                    "Bytes of a torn write that the last start left out.",
                    count(server.torn_bytes));
}

void AddState(const ServerFigures& server, Families& families) {
  families.Begin(MetricType::Gauge, "coupond_build_info", "1, labelled with the version.")
      .Add(1, {{.name = "version", .value = server.version}});
  families.AddGauge("coupond_ready", "Whether commands are accepted.", server.ready ? 1 : 0);
  families.AddGauge("coupond_fenced", "Whether a write failed, after which nothing is written.",
                    server.fenced ? 1 : 0);
  families.AddGauge("coupond_clock_ahead_seconds",
                    "How far the machine's clock is ahead of the server's time while it is "
                    "disputed; negative if behind.",
                    std::chrono::duration<double>(server.clock_ahead).count());
  families.AddGauge("coupond_http_connections", "Open connections.",
                    static_cast<double>(server.connections));
  families.AddGauge("coupond_watch_streams", "Open streams of WatchCampaign.",
                    static_cast<double>(server.watch_streams));
  families.AddGaugeIf(
      "coupond_data_dir_free_bytes", "Bytes that are free on the disk of the data directory.",
      server.data_free_bytes.transform([](auto bytes) { return static_cast<double>(bytes); }));
  families.AddGaugeIf("coupond_backup_last_success_timestamp_seconds",
                      "When the last backup that succeeded ended; 0 if none did.",
                      server.backup.transform([](std::chrono::sys_seconds time) {
                        return static_cast<double>(time.time_since_epoch().count());
                      }));
}

void AddAccess(const AccessCounters& access, const LimitFigures& limited, Families& families) {
  families.Begin(MetricType::Counter, "coupond_auth_failures_total",
                 "Requests that were refused because of their access key, by reason.");
  for (std::size_t i = 0; i < kAuthFailureNames.size(); ++i) {
    families.Add(static_cast<double>(access.failures(i)),
                 {{.name = "reason", .value = std::string(kAuthFailureNames[i])}});
  }
  families.Begin(MetricType::Counter, "coupond_rate_limited_total",
                 "Requests and connections that were refused because of a limit, by policy.");
  const auto add_limited = [&families](const char* policy, std::uint64_t count) {
    families.Add(static_cast<double>(count), {{.name = "policy", .value = policy}});
  };
  add_limited("public", limited.public_calls);
  add_limited("unknown_codes_address", limited.unknown_codes_of_address);
  add_limited("unknown_codes_key", limited.unknown_codes_of_key);
  add_limited("connections", limited.connections_of_address);
}

void AddCampaigns(const std::vector<CampaignFigures>& campaigns, Families& families) {
  if (campaigns.empty()) return;
  families.Begin(MetricType::Gauge, "coupond_campaign_coupons",
                 "Coupons of the campaigns that the setting metrics-campaign names, by kind.");
  for (const CampaignFigures& campaign : campaigns) {
    const auto add = [&](const char* kind, std::int64_t coupons) {
      families.Add(static_cast<double>(coupons),
                   {{.name = "campaign", .value = FormatUuid(campaign.id.bytes)},
                    {.name = "kind", .value = kind}});
    };
    add("total", campaign.total);
    add("issued", campaign.issued);
    add("redeemed", campaign.redeemed);
    add("voided", campaign.voided);
    add("returned", campaign.returned);
  }
}

void AddProcess(const ProcessFigures& process, Families& families) {
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  if (process.cpu_seconds) {
    families
        .Begin(MetricType::Counter, "process_cpu_seconds_total", "Processor time of the process.")
        .Add(*process.cpu_seconds);
  }
  families.AddGaugeIf("process_resident_memory_bytes", "Resident memory of the process.",
                      process.resident_bytes.transform(number));
  families.AddGaugeIf("process_virtual_memory_bytes", "Virtual memory of the process.",
                      process.virtual_bytes.transform(number));
  families.AddGaugeIf("process_open_fds", "Open file descriptors.",
                      process.open_files.transform(number));
  families.AddGaugeIf("process_max_fds", "The most file descriptors that may be open.",
                      process.open_files_max.transform(number));
  families.AddGaugeIf("process_start_time_seconds", "When the process was started.",
                      process.start_time_seconds);
}

}  // namespace

WorkerFigures& Metrics::AddWorker() {
  const std::lock_guard lock(mutex_);
  return *workers_.emplace_back(std::make_unique<WorkerFigures>());
}

std::string Metrics::Expose(const ServerFigures& server) const {
  Families families;
  AddState(server, families);
  {
    const std::lock_guard lock(mutex_);
    AddCalls(workers_, families);
    AddCommands(workers_, families);
  }
  AddEngine(engine_, server, families);
  AddAccess(access_, server.limited, families);
  AddCampaigns(server.campaigns, families);
  AddProcess(server.process, families);
  return prometheus::TextSerializer().Serialize(families.all());
}

}  // namespace coupond::api

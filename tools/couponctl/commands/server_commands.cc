#include "couponctl/commands/commands.h"

#include <fmt/format.h>

#include <ostream>
#include <string>

#include "common/moment_text.h"
#include "common/table.h"
#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/clock_difference.h"
#include "couponctl/commands/coupon_service.h"
#include "grpc/health/v1/health.pb.h"

namespace coupond::ctl {
namespace {

std::string MomentText(const google::protobuf::Timestamp& message) {
  return tools::FormatMoment(tools::FromMessage(message));
}

std::string ErasureText(const coupon::v1::ErasureProgress& erasure) {
  if (erasure.groups() > 0) {
    return fmt::format("searching the log: group {} of {}", erasure.groups_read(),
                       erasure.groups());
  }
  return fmt::format("{} coupons are hidden, but may be in files yet",
                     erasure.unfinished_coupons());
}

std::string InfoText(const coupon::v1::GetServerInfoResponse& info) {
  const auto number = [](auto value) { return fmt::format("{}", value); };
  const coupon::v1::ServerLimits& limits = info.limits();
  tools::Table table({{.title = ""}, {.title = ""}});
  table.AddRow({"version", info.version()});
  table.AddRow({"store", info.store_id()});
  table.AddRow({"events", number(info.head_sequence())});
  table.AddRow({"head hash", info.head_hash()});
  table.AddRow({"time", MomentText(info.server_time())});
  if (info.has_machine_time()) {
    table.AddRow({"machine's clock", MomentText(info.machine_time()) + " (couponctl clock)"});
  }
  table.AddRow({"started", MomentText(info.started_at())});
  if (info.has_erasure()) table.AddRow({"erasing", ErasureText(info.erasure())});
  table.AddRow({"coupons of a campaign", "up to " + number(limits.coupons_per_campaign_max())});
  table.AddRow({"coupons of a user", "up to " + number(limits.coupons_per_user_max())});
  table.AddRow({"coupons of a batch", "up to " + number(limits.coupons_per_batch_max())});
  table.AddRow({"campaigns", "up to " + number(limits.live_campaigns_max())});
  table.AddRow({"entries of a page", "up to " + number(limits.page_size_max())});
  table.AddRow({"bytes of a request", "up to " + number(limits.request_bytes_max())});
  table.AddRow({"waiting commands", "up to " + number(limits.waiting_commands_max())});
  table.AddRow({"watchers", "up to " + number(limits.watchers_max())});
  table.AddRow({"exports", "up to " + number(limits.exports_max())});
  table.AddRow({"event readers", "up to " + number(limits.event_readers_max())});
  return table.Text();
}

constexpr NextStep kLookAgain{.if_open = "`couponctl clock` shows by which time the server goes"};

std::string ClockText(const coupon::v1::GetServerInfoResponse& info) {
  const std::string server = MomentText(info.server_time());
  if (!info.has_machine_time()) {
    return fmt::format("the server goes by      {}\nits machine's clock agrees\n", server);
  }
  const std::string machine = MomentText(info.machine_time());
  return fmt::format(
      "{}{}\nits machine's clock is  {}\n{}\n"
      "If the machine's clock is wrong, set it right. If it is right, let the server go by it:\n"
      "  couponctl clock accept {}\n",
      info.read_only() ? "the log ends at         " : "the server goes by      ", server, machine,
      info.read_only()
          ? "The server answers only reads, because its log ends so far ahead of the clock."
          : "The server refuses requests (CLOCK_AHEAD) whose outcome depends on which is right.",
      machine);
}

}  // namespace

ExitCode ShowHealth(const CommandContext& context) {
  using grpc::health::v1::HealthCheckResponse;
  HealthCheckResponse response;
  if (auto done =
          context.client.Call(kCheckHealth, grpc::health::v1::HealthCheckRequest(), response);
      !done) {
    return ReportError(context, done.error());
  }
  if (response.status() == HealthCheckResponse::UNKNOWN) {
    return ReportEmptyAnswer(context, kCheckHealth, {});
  }
  const bool ready = response.status() == HealthCheckResponse::SERVING;
  if (context.json) {
    context.out << JsonLine(response);
  } else if (ready) {
    context.out << "ready\n";
  } else {
    context.err << "couponctl: the server is not ready; its /readyz says why\n";
  }
  return ready ? ExitCode::kDone : ExitCode::kRefused;
}

ExitCode ShowServerInfo(const CommandContext& context) {
  coupon::v1::GetServerInfoResponse response;
  const Timestamp sent = NowHere();
  if (auto done = context.client.Call(kGetServerInfo, coupon::v1::GetServerInfoRequest(), response);
      !done) {
    return ReportError(context, done.error());
  }
  if (response.store_id().empty()) return ReportEmptyAnswer(context, kGetServerInfo, {});
  const CallTimes call{.sent = sent, .answered = NowHere()};
  if (const auto difference = ClockDifference(call, tools::FromMessage(response.server_time()))) {
    context.err << "couponctl: " << *difference << '\n';
  }
  context.out << (context.json ? JsonLine(response) : InfoText(response));
  return ExitCode::kDone;
}

ExitCode ShowClock(const CommandContext& context) {
  coupon::v1::GetServerInfoResponse response;
  if (auto done = context.client.Call(kGetServerInfo, coupon::v1::GetServerInfoRequest(), response);
      !done) {
    return ReportError(context, done.error());
  }
  if (response.store_id().empty()) return ReportEmptyAnswer(context, kGetServerInfo, {});
  context.out << (context.json ? JsonLine(response) : ClockText(response));
  return ExitCode::kDone;
}

ExitCode AcceptClock(const CommandContext& context, Timestamp shown) {
  coupon::v1::AcceptClockRequest request;
  *request.mutable_machine_time() = tools::ToMessage(shown);
  coupon::v1::AcceptClockResponse response;
  if (auto done = context.client.Call(kAcceptClock, request, response); !done) {
    return ReportError(context, done.error(), kLookAgain);
  }
  if (!response.has_server_time()) return ReportEmptyAnswer(context, kAcceptClock, kLookAgain);
  context.SetDone(response.changed() ? "the server goes by its machine's clock"
                                     : "nothing was changed");
  if (context.json) {
    context.out << JsonLine(response);
    return ExitCode::kDone;
  }
  const std::string time = MomentText(response.server_time());
  context.out << (response.changed()
                      ? fmt::format("the server goes on from {}\n", time)
                      : fmt::format("nothing to accept: the clocks agree, at {}\n", time));
  return ExitCode::kDone;
}

}  // namespace coupond::ctl

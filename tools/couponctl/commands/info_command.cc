#include "couponctl/commands/info_command.h"

#include <fmt/format.h>

#include <ostream>
#include <string>

#include "common/moment_text.h"
#include "common/table.h"
#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/commands.h"
#include "couponctl/commands/coupon_service.h"

namespace coupond::ctl {
namespace {

std::string ErasureText(const coupon::v1::ErasureProgress& erasure) {
  if (erasure.groups() > 0) {
    return fmt::format("searching the log: group {} of {}", erasure.groups_read(),
                       erasure.groups());
  }
  return fmt::format("{} coupons are hidden, but may be in files yet",
                     erasure.unfinished_coupons());
}

std::string InfoText(const coupon::v1::GetServerInfoResponse& info) {
  const auto time = [](const google::protobuf::Timestamp& message) {
    return tools::FormatMoment(tools::FromMessage(message));
  };
  const auto number = [](auto value) { return fmt::format("{}", value); };
  const coupon::v1::ServerLimits& limits = info.limits();
  tools::Table table({{.title = ""}, {.title = ""}});
  table.AddRow({"version", info.version()});
  table.AddRow({"store", info.store_id()});
  table.AddRow({"events", number(info.head_sequence())});
  table.AddRow({"head hash", info.head_hash()});
  table.AddRow({"time", time(info.server_time())});
  if (info.has_machine_time()) {
    table.AddRow({"machine's clock", time(info.machine_time()) + " (couponctl clock)"});
  }
  table.AddRow({"started", time(info.started_at())});
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

}  // namespace

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

}  // namespace coupond::ctl

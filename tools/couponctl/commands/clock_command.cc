#include "couponctl/commands/clock_command.h"

#include <fmt/format.h>

#include <ostream>
#include <string>

#include "common/moment_text.h"
#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/coupon_service.h"

namespace coupond::ctl {
namespace {

constexpr NextStep kLookAgain{.if_open = "`couponctl clock` shows by which time the server goes"};

std::string MomentText(const google::protobuf::Timestamp& message) {
  return tools::FormatMoment(tools::FromMessage(message));
}

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

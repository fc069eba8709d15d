#include "couponctl/commands/events_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <expected>
#include <optional>
#include <ostream>
#include <random>
#include <stdexcept>
#include <utility>

#include "base/display_text.h"
#include "base/duration_text.h"
#include "common/moment_text.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/watch/watch_run.h"

namespace coupond::ctl {
namespace {

using coupon::v1::Event;
using coupon::v1::ReadEventsResponse;
using rpc_client::CallError;

std::string ScopeText(coupon::v1::PauseScope scope) {
  switch (scope) {
    case coupon::v1::PAUSE_SCOPE_ISSUING:
      return "issuing";
    case coupon::v1::PAUSE_SCOPE_REDEEMING:
      return "redeeming";
    case coupon::v1::PAUSE_SCOPE_BOTH:
      return "issuing and redeeming";
    default:
      return "unknown";
  }
}

/// Returns what an event has beside its place and campaign. Not safe to print on a terminal.
std::string DetailsOf(const Event& event) {
  std::vector<std::string> details;
  if (event.has_code()) details.push_back(event.code());
  if (event.has_user_id()) details.push_back("user " + event.user_id());
  if (event.has_update_mask()) {
    details.push_back(fmt::format("{}", fmt::join(event.update_mask().paths(), ", ")));
  } else if (event.has_campaign()) {
    details.push_back(
        fmt::format("{} coupons of {}", event.campaign().total_coupons(), event.campaign().name()));
  }
  if (event.has_scope()) {
    details.push_back(ScopeText(event.scope()));
  }
  if (event.has_redemption()) {
    const auto& redemption = event.redemption();
    if (redemption.has_order_ref()) details.push_back("for " + redemption.order_ref());
    if (redemption.has_redeemed_by()) details.push_back("by " + redemption.redeemed_by());
  }
  if (event.has_redemption_sequence()) {
    details.push_back(fmt::format("redemption {}", event.redemption_sequence()));
  }
  if (event.claim_freed()) details.emplace_back("claim freed");
  if (event.has_reason()) details.push_back(event.reason());
  return fmt::format("{}", fmt::join(details, "  "));
}

/// Prints the messages of a stream, however often it is broken off, and keeps the position.
class EventPrinter {
 public:
  EventPrinter(const CommandContext& context, std::uint64_t from)
      : context_(context), position_(from) {}

  /// Prints a message. Returns false if it does not follow from those before; fault() says why.
  bool Take(const ReadEventsResponse& message) {
    std::uint64_t last = position_ - 1;
    for (const Event& event : message.events()) {
      // Events that share a sequence come together.
      if (event.sequence() < position_ || event.sequence() < last) return Reject("out of order");
      last = event.sequence();
    }
    if (message.next_sequence() <= last) return Reject("without a place to go on");
    for (const Event& event : message.events()) Print(event);
    if (!message.events().empty()) Flush();
    position_ = message.next_sequence();
    return true;
  }

  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  bool Reject(std::string_view why) {
    fault_ = fmt::format("the server sent events {}, after sequence {}", why, position_ - 1);
    return false;
  }
  void Print(const Event& event) {
    context_.out << (context_.json ? JsonLine(event) : EventLine(event) + "\n");
  }
  /// Otherwise an output that is lost would be noticed only at the end, days later.
  void Flush() {
    context_.out.flush();
    if (!context_.out.good()) throw std::runtime_error("the output cannot be written");
  }

  const CommandContext& context_;
  std::uint64_t position_;
  std::string fault_;
};

coupon::v1::ReadEventsRequest RequestFor(const EventsPlan& plan, std::uint64_t from) {
  coupon::v1::ReadEventsRequest request;
  request.set_from_sequence(from);
  request.set_follow(plan.follow);
  request.set_campaign_id(plan.campaign_id);
  for (const std::string& type : plan.types) request.add_types(type);
  return request;
}

}  // namespace

std::string EventLine(const Event& event) {
  const std::string details = DetailsOf(event);
  return Printable(fmt::format("{}  {}  {}  {}{}{}", event.sequence(),
                               tools::FormatMoment(tools::FromMessage(event.time())), event.type(),
                               event.campaign_id(), details.empty() ? "" : "  ", details));
}

ExitCode ReadEvents(const CommandContext& context, const EventsPlan& plan,
                    const std::function<void(std::chrono::milliseconds)>& sleep) {
  EventPrinter printer(context, plan.from);
  ReconnectPolicy policy(std::random_device{}());
  bool lost = false;
  while (true) {
    bool taken = true;
    ReadEventsResponse message;
    const auto done =
        context.client.CallStream(kReadEvents, RequestFor(plan, printer.position()), message, [&] {
          policy.OnMessage(std::chrono::steady_clock::now());
          if (std::exchange(lost, false)) context.err << "couponctl: reconnected\n" << std::flush;
          return taken = printer.Take(message);
        });
    if (!taken) {
      return ReportError(context,
                         {.failure = rpc_client::Failure::kUnreadable, .message = printer.fault()});
    }
    if (done) return ExitCode::kDone;
    const auto pause = plan.reconnect
                           ? policy.OnError(done.error(), std::chrono::steady_clock::now())
                           : std::nullopt;
    if (!pause) {
      return ReportError(context, done.error(), {.if_not_found = kListShowsCampaigns});
    }
    context.err << fmt::format("couponctl: {} ({}); going on from {} in {}\n",
                               lost ? "still not connected" : "connection lost",
                               Printable(Describe(done.error())), printer.position(),
                               FormatDuration(*pause))
                << std::flush;
    lost = true;
    sleep(*pause);
  }
}

}  // namespace coupond::ctl

#include "couponctl/watch/watch_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/display_text.h"
#include "base/duration_text.h"
#include "common/moment_text.h"
#include "common/progress_bar.h"

namespace coupond::ctl {
namespace {

using coupon::v1::WatchCampaignResponse;
using rpc_client::CallError;
using rpc_client::StreamEnd;

constexpr std::size_t kNameColumnsMax = 24;
constexpr std::size_t kBarCellsMax = 40;
/// A shorter bar says less than the percentage beside it.
constexpr std::size_t kBarCellsMin = 5;

struct Counts {
  std::uint64_t issued;
  std::uint64_t all;
};

// Returns counts that can be divided, whatever the server sent.
Counts CountsOf(const WatchCampaignResponse& message) {
  const auto& campaign = message.campaign();
  return {.issued = static_cast<std::uint64_t>(std::max(campaign.issued_coupons(), 0)),
          .all = static_cast<std::uint64_t>(std::max(campaign.total_coupons(), 1))};
}

// Returns the rate while coupons are issued, and why none are at other times.
std::string PaceText(const WatchCampaignResponse& message, double per_second, Timestamp now) {
  const Timestamp start = tools::FromMessage(message.campaign().start_time());
  switch (message.campaign().state()) {
    case coupon::v1::CAMPAIGN_STATE_PAUSED:
      return "paused";
    case coupon::v1::CAMPAIGN_STATE_SOLD_OUT:
      return "sold out";
    case coupon::v1::CAMPAIGN_STATE_ENDED:
      return "ended";
    case coupon::v1::CAMPAIGN_STATE_ARCHIVED:
      return "archived";
    default:
      if (now < start) return "starts " + tools::FormatMoment(start);
      return fmt::format("{:.0f}/s", per_second);
  }
}

std::string Name(const WatchCampaignResponse& message) {
  return Printable(message.campaign().name());
}

/// The interval for redrawing the line on a terminal when nothing arrives. The rate falls then.
constexpr std::chrono::milliseconds kRedrawEvery{500};

// Returns the time to the millisecond, which is precise enough for people.
Timestamp WallClock() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return Timestamp::FromUnixNanoseconds(std::chrono::nanoseconds(now.time_since_epoch()).count());
}

/// Reports whether two messages look the same to people.
bool LooksTheSame(const WatchCampaignResponse& a, const WatchCampaignResponse& b) {
  return a.state() == b.state() && a.campaign().state() == b.campaign().state() &&
         tools::FromMessage(a.campaign().start_time()) ==
             tools::FromMessage(b.campaign().start_time()) &&
         a.campaign().issued_coupons() == b.campaign().issued_coupons() &&
         a.campaign().total_coupons() == b.campaign().total_coupons() &&
         a.campaign().name() == b.campaign().name();
}

/// Prints the messages of one stream to `out`, and changes of its connection to `err`.
class Display final : public WatchListener {
 public:
  Display(const CommandContext& context, std::optional<std::size_t> terminal_columns)
      : out_(context.out),
        err_(context.err),
        json_(context.json),
        terminal_columns_(terminal_columns) {}

  void OnMessage(std::size_t /*stream*/, const WatchCampaignResponse& message, Time now) override {
    if (lost_) {
      Tell(fmt::format("reconnected after {}", FormatDuration(Rounded(now - lost_->since))));
      lost_.reset();
    }
    // The server repeats its state so that silence means a broken connection.
    const bool repeated = newest_ && LooksTheSame(*newest_, message);
    newest_ = message;
    rate_.Add(now, message.campaign().issued_coupons());
    if (json_) {
      out_ << JsonLine(message);
    } else if (terminal_columns_) {
      Redraw(now);
    } else if (!repeated) {
      out_ << WatchLine(message, rate_.PerSecond(now), WallClock()) << '\n';
    }
    Flush();
  }

  void OnEnd(std::size_t /*stream*/, const StreamEnd& end, Time /*now*/) override { end_ = end; }

  // Reports a reason when it first occurs, and then every minute while it lasts.
  void OnLost(std::size_t /*stream*/, const CallError& why, std::chrono::milliseconds pause,
              Time now) override {
    const std::string reason = Printable(Describe(why));
    std::string_view what = "still not connected";
    if (!lost_) what = newest_ ? "connection lost" : "not connected yet";
    if (lost_ && lost_->reason == reason && now - lost_->told < kTellAgainAfter) return;
    Tell(fmt::format("{} ({}); {} in {}", what, reason, newest_ ? "reconnecting" : "trying again",
                     FormatDuration(pause)));
    lost_ = {.since = lost_ ? lost_->since : now, .told = now, .reason = reason};
  }

  // Returns to the start of the line, rewrites it, and erases what is left of a longer one.
  void Redraw(Time now) {
    if (json_ || !terminal_columns_ || !newest_) return;
    out_ << '\r' << WatchBar(*newest_, rate_.PerSecond(now), WallClock(), *terminal_columns_)
         << "\x1b[K";
    Flush();
  }

  // Leaves the last bar in place, and prints below it what became of the campaign.
  void Close() {
    if (was_deleted_unseen()) return CloseDeleted();
    if (json_ || !newest_) return;
    if (terminal_columns_) out_ << '\n';
    if (!end_ || *end_) out_ << WatchLastLine(*newest_) << '\n';
    Flush();
  }

  [[nodiscard]] const std::optional<StreamEnd>& end() const { return end_; }
  /// Reports whether the connection is currently lost.
  [[nodiscard]] bool lost() const { return lost_.has_value(); }
  /// Reports whether the campaign existed before the connection was lost, and no longer does.
  [[nodiscard]] bool was_deleted_unseen() const {
    return lost_ && newest_ && end_ && !*end_ && end_->error().code == connect::Code::kNotFound;
  }

 private:
  struct Lost {
    Time since;
    Time told;
    std::string reason;
  };

  static constexpr std::chrono::minutes kTellAgainAfter{1};

  static std::chrono::nanoseconds Rounded(std::chrono::nanoseconds time) {
    return std::chrono::round<std::chrono::milliseconds>(time);
  }

  // Prints the last known message as that of a deleted campaign, because the real one was missed.
  void CloseDeleted() {
    Tell(
        "the campaign was deleted while the connection was lost; its counters are those of before");
    newest_->set_state(coupon::v1::WATCH_STATE_DELETED);
    if (json_) {
      out_ << JsonLine(*newest_);
    } else {
      out_ << WatchLastLine(*newest_) << '\n';
    }
    Flush();
  }

  void Tell(std::string_view line) {
    if (!json_ && terminal_columns_) out_ << "\r\x1b[K" << std::flush;
    err_ << "couponctl: " << line << '\n' << std::flush;
  }

  // Flushes the output, and throws if that fails; a watch whose output is lost could otherwise run
  // for days.
  void Flush() {
    out_.flush();
    if (!out_.good()) throw std::runtime_error("the output cannot be written");
  }

  std::ostream& out_;
  std::ostream& err_;
  const bool json_;
  const std::optional<std::size_t> terminal_columns_;
  std::optional<WatchCampaignResponse> newest_;
  IssueRate rate_;
  std::optional<Lost> lost_;
  std::optional<StreamEnd> end_;
};

}  // namespace

void IssueRate::Add(Time now, std::int64_t issued_in_all) {
  counts_.push_back({.time = now, .issued = issued_in_all});
  Forget(now);
}

double IssueRate::PerSecond(Time now) {
  Forget(now);
  if (counts_.size() < 2 || now <= counts_.front().time) return 0;
  const std::chrono::duration<double> seconds = now - counts_.front().time;
  return static_cast<double>(counts_.back().issued - counts_.front().issued) / seconds.count();
}

void IssueRate::Forget(Time now) {
  while (counts_.size() >= 2 && counts_[1].time <= now - kWindow) counts_.pop_front();
}

std::string WatchBar(const WatchCampaignResponse& message, double per_second, Timestamp now,
                     std::size_t columns) {
  const auto [issued, all] = CountsOf(message);
  const std::size_t columns_max = std::max<std::size_t>(columns, 2) - 1;
  const std::string name = Shortened(Name(message), kNameColumnsMax);
  const std::string counts = fmt::format("{} of {}  {:3} %  {}", issued, all, issued * 100 / all,
                                         PaceText(message, per_second, now));
  constexpr std::string_view kAround = "  []";
  const std::size_t taken = DisplayWidth(name) + DisplayWidth(counts) + kAround.size();
  const std::size_t cells = std::min(kBarCellsMax, columns_max - std::min(taken, columns_max));
  const std::string bar = cells < kBarCellsMin ? "" : " " + tools::BarText(issued, all, cells);
  return Shortened(fmt::format("{}{} {}", name, bar, counts), columns_max);
}

std::string WatchLine(const WatchCampaignResponse& message, double per_second, Timestamp now) {
  const auto [issued, all] = CountsOf(message);
  return fmt::format("{}  {}: {} of {} issued, {} %, {}", tools::FormatMoment(now), Name(message),
                     issued, all, issued * 100 / all, PaceText(message, per_second, now));
}

std::string WatchLastLine(const WatchCampaignResponse& message) {
  const auto [issued, all] = CountsOf(message);
  switch (message.state()) {
    case coupon::v1::WATCH_STATE_SOLD_OUT:
      return fmt::format("sold out: all {} coupons of {} are issued", all, Name(message));
    case coupon::v1::WATCH_STATE_ENDED:
      return fmt::format(
          "{}: {} has issued {} of {} coupons",
          message.campaign().state() == coupon::v1::CAMPAIGN_STATE_ARCHIVED ? "archived" : "ended",
          Name(message), issued, all);
    case coupon::v1::WATCH_STATE_DELETED:
      return fmt::format("deleted: {} had issued {} of {} coupons", Name(message), issued, all);
    default:
      return fmt::format("no longer watched: {} has issued {} of {} coupons", Name(message), issued,
                         all);
  }
}

ExitCode WatchCampaign(const CommandContext& context, const WatchPlan& plan,
                       std::optional<std::size_t> terminal_columns) {
  COUPOND_CHECK(plan.streams == 1);
  Display display(context, terminal_columns);
  const WatchOver over =
      RunWatch(plan, display, kRedrawEvery, [&display](auto now) { display.Redraw(now); });
  display.Close();
  if (display.was_deleted_unseen()) return ExitCode::kDone;
  if (display.end() && !*display.end()) {
    return ReportError(context, display.end()->error(), {.if_not_found = kListShowsCampaigns});
  }
  if (over == WatchOver::kInterrupted) return ExitCode::kInterrupted;
  if (!display.lost()) return ExitCode::kDone;
  return ReportError(context, {.failure = rpc_client::Failure::kNoAnswer,
                               .message = "the time is up, and the connection is lost"});
}

}  // namespace coupond::ctl

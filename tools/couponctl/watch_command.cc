#include "couponctl/watch_command.h"

#include <chrono>
#include <ostream>
#include <stdexcept>

#include "couponctl/issue_rate.h"
#include "couponctl/message_json.h"
#include "couponctl/watch_text.h"
#include "engine/rules/check.h"

namespace coupond::ctl {
namespace {

// How often the line of a terminal is written anew when nothing comes: the rate falls then.
constexpr std::chrono::milliseconds kRedrawEvery{500};

// To the millisecond, which is enough for people.
Timestamp WallClock() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return Timestamp::FromUnixNanoseconds(std::chrono::nanoseconds(now.time_since_epoch()).count());
}

/// Prints what one stream tells.
class Display final : public WatchListener {
 public:
  Display(std::ostream& out, bool json, std::optional<std::size_t> terminal_columns)
      : out_(out), json_(json), terminal_columns_(terminal_columns) {}

  void OnMessage(std::size_t /*stream*/, const coupon::v1::WatchCampaignResponse& message,
                 Time now) override {
    newest_ = message;
    rate_.Add(now, message.campaign().issued_coupons());
    if (json_) {
      out_ << JsonLine(message);
    } else if (terminal_columns_) {
      Redraw(now);
    } else {
      out_ << WatchLine(message, rate_.PerSecond(now), WallClock()) << '\n';
    }
    Flush();
  }

  void OnEnd(std::size_t /*stream*/, const StreamEnd& end, Time /*now*/) override { end_ = end; }

  // Back to the start of the line, and erases what is longer.
  void Redraw(Time now) {
    if (json_ || !terminal_columns_ || !newest_) return;
    out_ << '\r' << WatchBar(*newest_, rate_.PerSecond(now), WallClock(), *terminal_columns_)
         << "\x1b[K";
    Flush();
  }

  // Leaves the last bar where it is, and says under it what became of the campaign.
  void Close() {
    if (json_ || !newest_) return;
    if (terminal_columns_) out_ << '\n';
    if (!end_ || *end_) out_ << WatchLastLine(*newest_) << '\n';
    Flush();
  }

  [[nodiscard]] const std::optional<StreamEnd>& end() const { return end_; }

 private:
  // A watch may go on for days, so one that nobody can see is not.
  void Flush() {
    out_.flush();
    if (!out_.good()) throw std::runtime_error("the output cannot be written");
  }

  std::ostream& out_;
  const bool json_;
  const std::optional<std::size_t> terminal_columns_;
  std::optional<coupon::v1::WatchCampaignResponse> newest_;
  IssueRate rate_;
  std::optional<StreamEnd> end_;
};

}  // namespace

ExitCode WatchCampaign(const CommandContext& context, const WatchPlan& plan,
                       std::optional<std::size_t> terminal_columns) {
  COUPOND_CHECK(plan.streams == 1);
  Display display(context.out, context.json, terminal_columns);
  const WatchOver over =
      RunWatch(plan, display, kRedrawEvery, [&display](auto now) { display.Redraw(now); });
  display.Close();
  if (display.end() && !*display.end())
    return ReportError(context, display.end()->error(), {.if_not_found = kListShowsCampaigns});
  return over == WatchOver::kInterrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace coupond::ctl

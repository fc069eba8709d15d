#include "couponctl/watch/watch_load_command.h"

#include <fmt/format.h>

#include <chrono>
#include <ostream>

#include "base/display_text.h"
#include "couponctl/exit_code.h"
#include "couponctl/watch/watch_report.h"
#include "couponctl/watch/watch_tally.h"
#include "program/open_files.h"

namespace coupond::ctl {
namespace {

using Time = WatchListener::Time;

constexpr std::chrono::milliseconds kTickEvery{200};
// Files that are open besides the streams: standard ones, and those of the event loop.
constexpr std::size_t kOtherFiles = 32;

constexpr std::string_view kWipeLine = "\r\x1b[K";

/// Tells while it runs how far it is.
class Progress {
 public:
  Progress(std::ostream& err, const WatchTally& tally, bool live_line)
      : err_(err), tally_(tally), live_line_(live_line) {}

  void Show(Time now) {
    if (!all_open_ && tally_.opened() == tally_.streams()) {
      all_open_ = true;
      if (live_line_) err_ << kWipeLine;
      err_ << fmt::format("couponctl: all {} streams are open\n", tally_.streams());
    }
    if (live_line_) {
      const std::chrono::duration<double> elapsed = now - start_;
      err_ << kWipeLine
           << fmt::format("{:>6.1f}s  opened {}  messages {}  issued coupons {}", elapsed.count(),
                          tally_.opened(), tally_.messages(), tally_.issued_coupons());
    }
    err_.flush();
  }

  void Close() {
    if (live_line_) err_ << kWipeLine << std::flush;
  }

  [[nodiscard]] Time start() const { return start_; }

 private:
  std::ostream& err_;
  const WatchTally& tally_;
  const bool live_line_;
  const Time start_ = std::chrono::steady_clock::now();
  bool all_open_ = false;
};

}  // namespace

ExitCode WatchWithManyStreams(const CommandContext& context, const WatchPlan& plan,
                              bool live_line) {
  const std::size_t files_max = RaiseOpenFileLimit();
  if (plan.streams + kOtherFiles > files_max) {
    context.err << fmt::format(
        "couponctl: {} streams need {} open files, but only {} are allowed; raise the limit "
        "(ulimit -n) or take fewer streams\n",
        plan.streams, plan.streams + kOtherFiles, files_max);
    return ExitCode::kUsage;
  }
  WatchTally tally(plan.streams);
  Progress progress(context.err, tally, live_line);
  const WatchOver over =
      RunWatch(plan, tally, kTickEvery, [&progress](Time now) { progress.Show(now); });
  progress.Close();
  const Time end = std::chrono::steady_clock::now();
  const WatchReport report{
      .plan = plan, .figures = tally.At(end), .elapsed = end - progress.start(), .over = over};
  context.out << (context.json ? WatchReportJson(report) : WatchReportText(report)) << std::flush;
  if (!tally.first_error()) return ExitCode::kDone;
  const CallError& error = *tally.first_error();
  context.err << fmt::format("couponctl: {} of {} streams failed, the first with: {}{}{}\n",
                             report.figures.failed, plan.streams, error.code,
                             error.code.empty() || error.message.empty() ? "" : ": ",
                             Printable(error.message));
  return ExitCodeOf(error);
}

}  // namespace coupond::ctl

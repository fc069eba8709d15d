#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "base/duration_text.h"
#include "base/entropy.h"
#include "common/moment_text.h"
#include "coupon_audit/commands/commands.h"
#include "engine/clock/system_clock.h"
#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "storage/files/data_directory.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/store.h"

namespace coupond::audit {
namespace {

/// The two times, and what was done.
struct AcceptedClock {
  LogTip log;        ///< where the log ended
  Timestamp clock;   ///< what this machine's clock shows
  LogTip continued;  ///< where it ends now

  /// By less than the slack, the clock catches up by itself, and coupond decides meanwhile.
  [[nodiscard]] bool log_is_ahead() const { return log.time.Since(clock) > kClockSlack; }
  [[nodiscard]] bool accepted() const { return continued.group != log.group; }
};

/// Returns where the log of a finished store ends. Changes nothing.
Result<LogTip> LookAtLog(const std::filesystem::path& path) {
  const storage::DataDirectory directory = TRY(storage::DataDirectory::OpenFinished(path));
  const std::unique_ptr<const LogReader> log = TRY(storage::StoredLog::Open(directory.log_path()));
  return log->Tip();
}

/// Adds the group from which time continues by the machine's clock. Opening the store checks the
/// log as a start does, and refuses a backup; the next start brings the views up to date.
Result<AcceptedClock> Continue(const std::filesystem::path& path, Entropy& entropy,
                               const Clock& clock) {
  const auto store = TRY(storage::Store::Open(path, entropy, clock));
  EventLog& log = store->log();
  AcceptedClock accepted{.log = log.Tip(), .clock = clock.Now(), .continued = {}};
  if (accepted.log_is_ahead()) {
    TRY(log.Append({.number = accepted.log.group.Next(),
                    .first_sequence = accepted.log.sequence.Next(),
                    .commit_time = accepted.clock,
                    .events = {ClockReset{.previous_time = accepted.log.time}}}));
    store->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
  }
  TRY(store->watermark().Stop());
  accepted.continued = log.Tip();
  return accepted;
}

std::string Text(const AcceptedClock& times) {
  const std::string both =
      fmt::format("the log ends at         {}\nthis machine's clock is {}\n",
                  tools::FormatMoment(times.log.time), tools::FormatMoment(times.clock));
  if (!times.log_is_ahead()) {
    return both +
           fmt::format("nothing to accept: the log does not end more than {} ahead of the clock\n",
                       FormatDuration(kClockSlack));
  }
  if (!times.accepted()) {
    return both +
           "nothing was changed. If the clock is right, repeat with --yes: time goes back to it, and "
           "continues from there. If it is wrong, set it right instead\n";
  }
  return both + fmt::format(
                    "accepted: group {} puts time back to the clock's; no coupon and no serial is "
                    "affected. Start coupond\n",
                    times.continued.group.value());
}

std::string Json(const AcceptedClock& times) {
  return boost::json::serialize(
             boost::json::object{{"logEndsAt", tools::FormatMoment(times.log.time)},
                                 {"clock", tools::FormatMoment(times.clock)},
                                 {"logIsAhead", times.log_is_ahead()},
                                 {"accepted", times.accepted()},
                                 {"groups", times.continued.group.value()}}) +
         "\n";
}

}  // namespace

ExitCode RunAcceptClock(const Options& options, tools::Output& output) {
  const SystemClock clock;
  const Timestamp now = clock.Now();
  if (const Status plausible = CheckIsPlausible(now); !plausible) {
    return ReportError(plausible.error(), options.json, output);
  }
  const Result<LogTip> tip = LookAtLog(options.directory);
  if (!tip) return ReportError(tip.error(), options.json, output);
  AcceptedClock times{.log = *tip, .clock = now, .continued = *tip};
  if (options.yes && times.log_is_ahead()) {
    SystemEntropy entropy;
    const auto accepted = Continue(options.directory, entropy, clock);
    if (!accepted) return ReportError(accepted.error(), options.json, output);
    times = *accepted;
  }
  output.done = times.accepted() ? "the clock has been accepted" : "nothing was changed";
  output.text << (options.json ? Json(times) : Text(times));
  return times.log_is_ahead() && !times.accepted() ? ExitCode::kViolation : ExitCode::kSound;
}

}  // namespace coupond::audit

#include "coupond/kept_store.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "api/time_mapping.h"
#include "coupond/logging.h"
#include "storage/files/file_guard.h"
#include "storage/files/store_format.h"

namespace coupond {
namespace {

/// The pause before another attempt to save.
constexpr std::chrono::seconds kRetryInterval{2};
/// The time to wait for files that are being moved to reach their destination.
constexpr std::chrono::milliseconds kSettleTime{300};
/// The interval at which progress is logged while saving.
constexpr std::chrono::seconds kLineInterval{5};
/// A log that ends less than this ahead of the clock is not worth a warning.
constexpr std::chrono::seconds kAheadMin{1};

std::string Describe(const storage::Rescued& rescued) {
  if (!rescued.log_is_new) return "its log was intact and stays as it is";
  std::string text = "its log was rewritten";
  if (!rescued.removed_log.empty()) {
    text += ", and the remains of the old one are in " + rescued.removed_log.string();
  }
  return text;
}

/// Returns the error with which the server stops.
Error FileLostError(const std::vector<storage::FileLoss>& losses) {
  return {.code = ErrorCode::kFileLost,
          .message = storage::Describe(losses) +
                     ". Another program did this: look for a clean-up job (logrotate, tmpwatch, "
                     "systemd-tmpfiles, cron) that reaches the data directory"};
}

/// Adds to the error of a store that an older version made which command upgrades it.
Error AdvisedToUpgrade(Error error, const std::string& data_directory) {
  if (error.code != ErrorCode::kFormatUnsupported || !storage::IsOlderStore(data_directory)) {
    return error;
  }
  error.message.append(": `coupon-audit upgrade ")
      .append(data_directory)
      .append(" NEW`, then start with --data-dir NEW");
  return error;
}

/// Logs that views were lost, which does not stop the server.
void WarnOfLostViews(const std::vector<storage::FileLoss>& losses) {
  LoggerOf("store").warn(
      "{}. No coupon is lost, but the next start takes longer, because it rebuilds the views from "
      "the log; restart at a quiet moment",
      FileLostError(losses).message);
}

/// Logs why the fence was raised, and asks the server to stop.
void StopAfter(const Error& error) {
  if (error.code == ErrorCode::kFileLost) {
    LoggerOf("store").critical(
        "{}. Nothing more is acknowledged; saving everything acknowledged so far ({})",
        error.message, ErrorCodeName(error.code));
  } else {
    LoggerOf("store").critical("a write failed, so nothing is written any more; stopping: {} ({})",
                               error.message, ErrorCodeName(error.code));
  }
  StopSignals::Raise();
}

/// Warns if the log ends in the future: the clock was ahead once, or is behind now.
void WarnOfFutureLog(const LogTip& tip, const Clock& clock, std::chrono::nanoseconds slack) {
  const Timestamp now = clock.Now();
  const std::chrono::nanoseconds ahead = tip.time.Since(now);
  if (ahead <= kAheadMin) return;
  if (ahead <= slack) {
    LoggerOf("store").warn(
        "the log's last entry is {} s in the future: the clock was ahead then, or is behind now. "
        "Until it has caught up, everything happens at that moment. Set the clock right",
        std::chrono::ceil<std::chrono::seconds>(ahead).count());
    return;
  }
  LoggerOf("store").error(
      "only reads are answered, because the log ends at {}, but this machine's clock shows {}. If "
      "the clock is wrong, set it right: this server goes on once it has passed the log's end. If the "
      "log is, because the clock was ahead once, go on from the clock's time: `couponctl clock` shows "
      "how, or stop this server and run `coupon-audit accept-clock` (clock_ahead)",
      api::FormatTimestamp(tip.time), api::FormatTimestamp(now));
}

}  // namespace

KeptStore::KeptStore(const Clock& clock, std::chrono::nanoseconds clock_slack,
                     const StopSignals& stop_signals)
    : clock_(clock), clock_slack_(clock_slack), stop_signals_(stop_signals), fence_(StopAfter) {}

Result<std::unique_ptr<KeptStore>> KeptStore::Open(const ServerOptions& options, Entropy& entropy,
                                                   const Clock& clock,
                                                   const StopSignals& stop_signals) {
  const bool backups = !options.backup_directory.empty();
  if (backups) {
    TRY(Advised(StartStep::kOpenBackups, storage::StoreBackup::CheckPlace(options.backup_directory,
                                                                          options.data_directory)));
  }
  std::unique_ptr<KeptStore> kept(new KeptStore(clock, options.clock_slack, stop_signals));
  auto opened = storage::Store::Open(options.data_directory, entropy, clock);
  if (!opened) {
    opened.error() = AdvisedToUpgrade(std::move(opened.error()), options.data_directory);
  }
  kept->store_ = TRY(Advised(StartStep::kOpenStore, std::move(opened)));
  storage::Store& store = *kept->store_;
  if (const auto& discarded = store.views_discarded()) {
    LoggerOf("store").warn("rebuilding the views now: {}", discarded->message);
  }
  if (const std::uint64_t bytes = store.left_out_bytes(); bytes > 0) {
    LoggerOf("store").warn(
        "the log's last {} bytes were left out: a write that a power failure tore", bytes);
  }
  if (backups) {
    kept->backup_ =
        TRY(Advised(StartStep::kOpenBackups,
                    storage::StoreBackup::Open(options.backup_directory, options.data_directory,
                                               store.log(), store.identity().store_id)));
    store.texts().SetBackupDirectory(options.backup_directory);
  }
  WarnOfFutureLog(store.log().Tip(), clock, options.clock_slack);
  kept->WatchFiles();
  return kept;
}

void KeptStore::WatchFiles() {
  store_->watermark().Start([this](const Error& error) { fence_.Raise(error); });
  store_->guard().Start([this](const auto& losses) { fence_.Raise(FileLostError(losses)); },
                        WarnOfLostViews);
}

Engine::Ports KeptStore::ports() {
  return {.log = store_->log(),
          .stored_log = store_->log(),
          .views = store_->views(),
          .clock = clock_,
          .fence = fence_,
          .commit_listener = &store_->watermark(),
          .texts = &store_->texts(),
          .clock_slack = clock_slack_};
}

bool KeptStore::failed() const { return fence_.raised() || file_lost(); }

bool KeptStore::Close() {
  Status written;
  if (fence_.raised()) {
    store_->watermark().Abandon();
  } else {
    written = store_->watermark().Stop();
  }
  // After the last write; otherwise only the next start would notice a file lost a moment ago.
  storage::FileGuard& guard = store_->guard();
  const bool lost = guard.Look();
  guard.Stop();
  if (lost) {
    // The fence reports only the first of several reasons to stop.
    const auto reason = fence_.reason();
    if (!reason || reason->code != ErrorCode::kFileLost) LogError(FileLostError(guard.losses()));
    Rescue();
    return false;
  }
  if (fence_.raised()) return false;
  if (!written) LogError(written.error());
  return written.has_value();
}

void KeptStore::Rescue() {
  // Discards earlier signals. They asked for a stop or came from the fence; neither is a request to
  // abandon coupons.
  while (stop_signals_.WaitFor(std::chrono::nanoseconds(0))) {
  }
  bool settled = false;
  auto last_line = std::chrono::steady_clock::now();
  const auto progress = [&last_line](GroupNumber done, GroupNumber last) {
    const auto now = std::chrono::steady_clock::now();
    if (now < last_line + kLineInterval) return;
    last_line = now;
    LoggerOf("store").warn("saving: {} of {} groups", done.value(), last.value());
  };
  while (true) {
    const auto rescued = store_->Rescue(clock_, progress);
    if (rescued) {
      LoggerOf("store").warn(
          "nothing is lost: all {} events are in {}; {}. Keep other programs away from these "
          "files, then start coupond there again",
          rescued->tip.sequence.value(), rescued->directory.string(), Describe(*rescued));
      return;
    }
    const ErrorCode code = rescued.error().code;
    const bool passes = code == ErrorCode::kIo || code == ErrorCode::kNoSpace;
    if (!passes && !std::exchange(settled, true)) {
      if (stop_signals_.WaitFor(kSettleTime)) return;
      continue;
    }
    LoggerOf("store").critical("cannot save what was acknowledged: {} ({})",
                               rescued.error().message, ErrorCodeName(code));
    if (!passes) {
      LoggerOf("store").critical(
          "the files stay as they are; see \"When the start is refused\" in docs/OPERATIONS.md");
      return;
    }
    LoggerOf("store").critical(
        "the newest coupons may exist only in the memory of this process. It tries again every "
        "{} s until it can save them; SIGTERM makes it give up and lose them",
        kRetryInterval.count());
    if (stop_signals_.WaitFor(kRetryInterval)) return;
  }
}

}  // namespace coupond

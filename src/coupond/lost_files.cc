#include "coupond/lost_files.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <utility>

namespace coupond {
namespace {

/// The pause before another attempt to save.
constexpr std::chrono::seconds kRetryInterval{2};
/// The time to wait for files that are being moved to reach their destination.
constexpr std::chrono::milliseconds kSettleTime{300};
/// The interval at which progress is logged while saving.
constexpr std::chrono::seconds kLineInterval{5};

std::string Describe(const storage::Rescued& rescued) {
  if (!rescued.log_is_new) return "its log was intact and stays as it is";
  std::string text = "its log was rewritten";
  if (!rescued.removed_log.empty()) {
    text += ", and the remains of the old one are in " + rescued.removed_log.string();
  }
  return text;
}

}  // namespace

Error FileLostError(const std::vector<storage::FileLoss>& losses) {
  return {.code = ErrorCode::kFileLost,
          .message = storage::Describe(losses) +
                     ". Another program did this: look for a clean-up job (logrotate, tmpwatch, "
                     "systemd-tmpfiles, cron) that reaches the data directory"};
}

void WarnOfLostViews(const std::vector<storage::FileLoss>& losses) {
  spdlog::warn(
      "{}. No coupon is lost, but the next start takes longer, because it rebuilds the views from "
      "the log; restart at a quiet moment",
      FileLostError(losses).message);
}

void RescueStore(storage::Store& store, const Clock& clock, const StopSignals& stop_signals) {
  // Discards earlier signals. They asked for a stop or came from the fence; neither is a request to
  // abandon coupons.
  while (stop_signals.WaitFor(std::chrono::nanoseconds(0))) {
  }
  bool settled = false;
  auto last_line = std::chrono::steady_clock::now();
  const auto progress = [&last_line](GroupNumber done, GroupNumber last) {
    const auto now = std::chrono::steady_clock::now();
    if (now < last_line + kLineInterval) return;
    last_line = now;
    spdlog::warn("saving: {} of {} groups", done.value(), last.value());
  };
  while (true) {
    const auto rescued = store.Rescue(clock, progress);
    if (rescued) {
      spdlog::warn(
          "nothing is lost: all {} events are in {}; {}. Keep other programs away from these "
          "files, then start coupond there again",
          rescued->tip.sequence.value(), rescued->directory.string(), Describe(*rescued));
      return;
    }
    const ErrorCode code = rescued.error().code;
    const bool passes = code == ErrorCode::kIo || code == ErrorCode::kNoSpace;
    if (!passes && !std::exchange(settled, true)) {
      if (stop_signals.WaitFor(kSettleTime)) return;
      continue;
    }
    spdlog::critical("cannot save what was acknowledged: {} ({})", rescued.error().message,
                     ErrorCodeName(code));
    if (!passes) {
      spdlog::critical(
          "the files stay as they are; see \"When the start is refused\" in docs/OPERATIONS.md");
      return;
    }
    spdlog::critical(
        "the newest coupons may exist only in the memory of this process. It tries again every "
        "{} s until it can save them; SIGTERM makes it give up and lose them",
        kRetryInterval.count());
    if (stop_signals.WaitFor(kRetryInterval)) return;
  }
}

}  // namespace coupond

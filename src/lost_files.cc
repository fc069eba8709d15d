#include "lost_files.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <utility>

namespace coupond {
namespace {

/// How long to wait before saving is tried again.
constexpr std::chrono::seconds kRetryInterval{2};
/// Files that are being moved about are somewhere after this time.
constexpr std::chrono::milliseconds kSettleTime{300};
/// Saving says how far it is this often.
constexpr std::chrono::seconds kLineInterval{5};

std::string Describe(const storage::Rescued& rescued) {
  if (!rescued.log_is_new) return "its log was whole and stays as it is";
  std::string text = "its log was written again";
  if (!rescued.removed_log.empty()) {
    text += ", and what was left of the old one is in " + rescued.removed_log.string();
  }
  return text;
}

}  // namespace

Error FileLostError(const std::vector<storage::FileLoss>& losses) {
  return {.code = ErrorCode::kFileLost,
          .message = storage::Describe(losses) +
                     ". This server did not do that: look for a clean-up job (logrotate, tmpwatch, "
                     "systemd-tmpfiles, cron) that reaches the data directory"};
}

void WarnOfLostViews(const std::vector<storage::FileLoss>& losses) {
  spdlog::warn(
      "{}. No coupon is lost, but the next start takes longer, because it rebuilds the views from "
      "the log; restart at a quiet moment",
      FileLostError(losses).message);
}

void RescueStore(storage::Store& store, const Clock& clock, const StopSignals& stop_signals) {
  // What came until now asked for a stop, or was the fence's: neither asks to leave coupons behind.
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
          "nothing is lost: all {} events are in {}; {}. Keep whatever touched the files away from "
          "them, then start coupond there again",
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
        "the newest coupons may be in the memory of this process only. It tries again every {} s "
        "until it can save them; SIGTERM ends it without them",
        kRetryInterval.count());
    if (stop_signals.WaitFor(kRetryInterval)) return;
  }
}

}  // namespace coupond

#include "coupond/start_progress.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <utility>

#include "base/thread.h"
#include "program/standard_streams.h"

namespace coupond {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLogLineInterval{1};
constexpr std::chrono::seconds kStatusInterval{1};
constexpr std::uint64_t kBarCells = 40;

/// Returns the number with a comma before every three digits.
std::string WithCommas(std::uint64_t number) {
  constexpr std::size_t kDigits = 3;
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > kDigits;) {
    end -= kDigits;
    text.insert(end, 1, ',');
  }
  return text;
}

}  // namespace

StartProgress::StartProgress(const ServiceNotifier& notifier,
                             std::chrono::milliseconds repeat_interval)
    : notifier_(notifier),
      repeat_interval_(repeat_interval),
      terminal_(MayRedraw(STDERR_FILENO)),
      interval_(terminal_ ? Clock::duration(kBarInterval) : Clock::duration(kLogLineInterval)),
      status_("starting") {
  if (!notifier_.has_manager()) return;
  notifier_.Starting(status_);
  repeater_ = std::jthread([this](const std::stop_token& stop) { RepeatUntil(stop); });
}

void StartProgress::BeginStep(std::string step) { Tell(std::move(step)); }

void StartProgress::ShowLog(std::uint64_t groups_read, std::uint64_t groups) {
  if (groups == 0) return;
  const auto now = Clock::now();
  if (!told_ || now - *told_ >= kStatusInterval) {
    told_ = now;
    Tell("reading the log: " + WithCommas(groups_read) + " of " + WithCommas(groups) + " groups");
  }
  if (now - shown_ < interval_) return;
  shown_ = now;
  const std::uint64_t percent = groups_read * 100 / groups;
  if (!terminal_) {
    spdlog::info("reading the log: {} of {} groups ({} %)", groups_read, groups, percent);
    return;
  }
  const std::uint64_t filled = groups_read * kBarCells / groups;
  const std::string bar = std::string(filled, '#') + std::string(kBarCells - filled, '.');
  std::fprintf(stderr, "\rreading the log [%s] %3llu %%", bar.c_str(),
               static_cast<unsigned long long>(percent));
  bar_drawn_ = true;
}

void StartProgress::Finish() {
  if (std::exchange(bar_drawn_, false)) std::fputc('\n', stderr);
  if (!repeater_.joinable()) return;
  repeater_.request_stop();
  repeater_.join();
}

void StartProgress::Tell(std::string status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
  notifier_.Starting(status_);
}

void StartProgress::RepeatUntil(const std::stop_token& stop) {
  NameThisThread("start-progress");
  std::unique_lock lock(mutex_);
  const auto is_over = [&stop] { return stop.stop_requested(); };
  while (!stopped_.wait_for(lock, stop, repeat_interval_, is_over)) {
    notifier_.Starting(status_);
  }
}

}  // namespace coupond

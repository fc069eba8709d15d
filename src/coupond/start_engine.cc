#include "coupond/start_engine.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "engine/engine_start.h"
#include "program/terminal.h"

namespace coupond {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{1};
constexpr std::uint64_t kBarCells = 40;

/// A bar on a terminal, log lines elsewhere. One thread.
class Progress {
 public:
  void Show(std::uint64_t groups_done, std::uint64_t groups) {
    const auto now = Clock::now();
    if (groups == 0 || now - shown_ < interval_) return;
    shown_ = now;
    const std::uint64_t percent = groups_done * 100 / groups;
    if (!terminal_) {
      spdlog::info("reading the log: {} of {} groups ({} %)", groups_done, groups, percent);
      return;
    }
    const std::uint64_t filled = groups_done * kBarCells / groups;
    const std::string bar = std::string(filled, '#') + std::string(kBarCells - filled, '.');
    std::fprintf(stderr, "\rreading the log [%s] %3llu %%", bar.c_str(),
                 static_cast<unsigned long long>(percent));
    bar_drawn_ = true;
  }
  /// Ends the bar if one was drawn.
  void Finish() const {
    if (bar_drawn_) std::fputc('\n', stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;

  const bool terminal_ = MayRedraw(STDERR_FILENO);
  const Clock::duration interval_ = terminal_ ? kBarInterval : Clock::duration(kLineInterval);
  Clock::time_point shown_ = Clock::now();
  bool bar_drawn_ = false;
};

}  // namespace

Result<std::unique_ptr<Engine>> StartEngineVisibly(const Engine::Ports& ports,
                                                   const StopSignals& stop_signals) {
  Progress progress;
  auto engine = StartEngine(
      ports, {.show = [&progress](std::uint64_t done,
                                  std::uint64_t groups) { progress.Show(done, groups); },
              .told_to_stop = [&stop_signals] { return stop_signals.pending(); },
              .views_discarded =
                  [](const Error& error) {
                    spdlog::warn("rebuilding the views now: {}", error.message);
                  }});
  progress.Finish();
  return engine;
}

}  // namespace coupond

#include "coupond/start_progress.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "program/terminal.h"

namespace coupond {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{1};
constexpr std::uint64_t kBarCells = 40;

}  // namespace

StartProgress::StartProgress() : terminal_(MayRedraw(STDERR_FILENO)), shown_(Clock::now()) {}

void StartProgress::Show(std::uint64_t groups_done, std::uint64_t groups) {
  const auto now = Clock::now();
  if (groups == 0 || now - shown_ < (terminal_ ? kBarInterval : Clock::duration(kLineInterval))) {
    return;
  }
  shown_ = now;
  if (!terminal_) {
    spdlog::info("reading the log: {} of {} groups ({} %)", groups_done, groups,
                 groups_done * 100 / groups);
    return;
  }
  const std::uint64_t filled = groups_done * kBarCells / groups;
  const std::string bar = std::string(filled, '#') + std::string(kBarCells - filled, '.');
  std::fprintf(stderr, "\rreading the log [%s] %3llu %%", bar.c_str(),
               static_cast<unsigned long long>(groups_done * 100 / groups));
  bar_drawn_ = true;
}

void StartProgress::Finish() const {
  if (bar_drawn_) std::fputc('\n', stderr);
}

}  // namespace coupond

#include "common/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "common/bar_text.h"
#include "program/terminal.h"

namespace coupond::audit {
namespace {

constexpr std::chrono::milliseconds kInterval{100};
constexpr std::size_t kCells = 40;

}  // namespace

ProgressBar::ProgressBar(std::string_view what)
    : what_(what), terminal_(MayRedraw(STDERR_FILENO)), shown_(Clock::now()) {}

ProgressBar::~ProgressBar() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

void ProgressBar::Show(std::uint64_t done, std::uint64_t all) {
  const auto now = Clock::now();
  if (!terminal_ || all == 0 || now - shown_ < kInterval) return;
  shown_ = now;
  drawn_ = true;
  done = std::min(done, all);
  fmt::print(stderr, "\r{} {} {:3} %", what_, ctl::BarText(done, all, kCells), done * 100 / all);
  std::fflush(stderr);
}

}  // namespace coupond::audit

#include "common/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/check.h"
#include "program/standard_streams.h"

namespace coupond::tools {
namespace {

constexpr std::chrono::milliseconds kInterval{100};
constexpr std::size_t kCells = 40;
/// Returns to the start of the line and erases it.
constexpr std::string_view kErase = "\r\x1b[K";

}  // namespace

std::string BarText(std::uint64_t done, std::uint64_t all, std::size_t cells) {
  COUPOND_CHECK(all > 0);
  const std::size_t filled = std::min(done, all) * cells / all;
  return "[" + std::string(filled, '#') + std::string(cells - filled, '.') + "]";
}

LiveLine::~LiveLine() { Erase(); }

void LiveLine::Show(std::string_view text) {
  out_ << kErase << text << std::flush;
  shown_ = true;
}

void LiveLine::Erase() {
  if (shown_) out_ << kErase << std::flush;
  shown_ = false;
}

ProgressBar::ProgressBar(std::string_view what)
    : what_(what), terminal_(MayRedraw(STDERR_FILENO)), shown_at_(Clock::now()), line_(std::cerr) {}

void ProgressBar::Show(std::uint64_t done, std::uint64_t all) {
  const auto now = Clock::now();
  if (!terminal_ || all == 0 || now - shown_at_ < kInterval) return;
  shown_at_ = now;
  done = std::min(done, all);
  line_.Show(fmt::format("{} {} {:3} %", what_, BarText(done, all, kCells), done * 100 / all));
}

}  // namespace coupond::tools

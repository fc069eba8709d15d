#ifndef COUPOND_TOOLS_COMMON_PROGRESS_BAR_H_
#define COUPOND_TOOLS_COMMON_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <string_view>

namespace coupond::audit {

/// Shows on standard error, if that is a terminal, how far something has come that takes longer
/// than a moment. One thread.
class ProgressBar {
 public:
  /// `what` is what is being done, and must live as long.
  explicit ProgressBar(std::string_view what);
  /// Wipes the bar away.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Show(std::uint64_t done, std::uint64_t all);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string_view what_;
  const bool terminal_;
  Clock::time_point shown_;
  bool drawn_ = false;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COMMON_PROGRESS_BAR_H_

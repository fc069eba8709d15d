#ifndef COUPOND_COUPOND_START_PROGRESS_H_
#define COUPOND_COUPOND_START_PROGRESS_H_

#include <chrono>
#include <cstdint>

namespace coupond {

/// Shows how far the reading of the log has come when it takes longer than a moment: a bar on a
/// terminal, a log line now and then elsewhere. One thread.
class StartProgress {
 public:
  StartProgress();

  void Show(std::uint64_t groups_done, std::uint64_t groups);
  /// Ends the bar, if there is one.
  void Finish() const;

 private:
  using Clock = std::chrono::steady_clock;

  const bool terminal_;
  Clock::time_point shown_;
  bool bar_drawn_ = false;
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_START_PROGRESS_H_

#ifndef COUPOND_COUPOND_START_PROGRESS_H_
#define COUPOND_COUPOND_START_PROGRESS_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "program/service_notifier.h"

namespace coupond {

/// Shows how far the start has come: to people as a bar on a terminal, or as log lines elsewhere;
/// to the service manager as its status, with a request for more time.
///
/// The manager hears of each step at once, and then again and again until Finish, from a thread of
/// its own: a step may wait for the disk as long as it takes. Without a manager there is no such
/// thread. Belongs to the main thread.
class StartProgress {
 public:
  /// The interval between messages to the manager when there is no news.
  static constexpr std::chrono::seconds kRepeatInterval{10};
  static_assert(kRepeatInterval * 4 <= ServiceNotifier::kMoreTime);

  /// `notifier` must outlive this. Throws std::system_error if no thread can be started.
  explicit StartProgress(const ServiceNotifier& notifier,
                         std::chrono::milliseconds repeat_interval = kRepeatInterval);
  ~StartProgress() { Finish(); }
  StartProgress(const StartProgress&) = delete;
  StartProgress& operator=(const StartProgress&) = delete;

  /// Begins a step whose length is not known, such as "opening the store".
  void BeginStep(std::string step);
  /// Shows how much of the log has been read, at most once in a moment.
  void ShowLog(std::uint64_t groups_read, std::uint64_t groups);
  /// Ends the bar, if one was drawn, and the messages to the manager. A second call does nothing.
  void Finish();

 private:
  using Clock = std::chrono::steady_clock;

  void Tell(std::string status);
  void RepeatUntil(const std::stop_token& stop);

  const ServiceNotifier& notifier_;
  const std::chrono::milliseconds repeat_interval_;
  const bool terminal_;
  const Clock::duration interval_;
  Clock::time_point shown_ = Clock::now();
  std::optional<Clock::time_point> told_;  ///< of the log
  bool bar_drawn_ = false;

  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::string status_;  ///< guarded by mutex_
  std::jthread repeater_;
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_START_PROGRESS_H_

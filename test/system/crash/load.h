#ifndef COUPOND_TEST_SYSTEM_CRASH_LOAD_H_
#define COUPOND_TEST_SYSTEM_CRASH_LOAD_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "system/crash/load_client.h"

namespace coupond::test {

/// Runs all clients, each on a thread of its own, against one run of the server. They end when the
/// server does; the client objects are kept for the next run. Belongs to one thread.
class Load {
 public:
  Load(std::vector<std::unique_ptr<LoadClient>>& clients, std::uint16_t port);
  /// The server must have ended.
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Returns after the time, or when all clients have ended.
  void WaitForTime(std::chrono::milliseconds time);
  /// Waits for this number of answers. Returns false if none comes for `silence_max`, or all
  /// clients end, before that.
  [[nodiscard]] bool WaitForAnswers(std::uint64_t count, std::chrono::milliseconds silence_max);
  /// From now on clients do not report it as a fault when the server ends.
  void ExpectEnd();

 private:
  void OnAnswer();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t answers_ = 0;  // guarded by mutex_
  std::size_t running_ = 0;    // guarded by mutex_
  bool end_expected_ = false;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_LOAD_H_

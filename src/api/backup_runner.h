#ifndef COUPOND_API_BACKUP_RUNNER_H_
#define COUPOND_API_BACKUP_RUNNER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/error.h"
#include "engine/ports/store_copier.h"

namespace coupond::service {

/// Makes backups on a thread of its own, one at a time, at a low priority: whoever asks for coupons
/// goes first.
///
/// Threads: TryRun and BeginStop from any; StopBy and Stop from the owner's. Whatever the
/// continuations and `log` use must outlive Stop.
class BackupRunner {
 public:
  /// Called once, on the runner's thread.
  using Done = std::move_only_function<void(Result<BackupReport>)>;

  /// `log` takes a line when a backup begins and when it ends, on the runner's thread.
  BackupRunner(StoreCopier& copier, std::function<void(const std::string& line)> log);
  ~BackupRunner() { Stop(); }
  BackupRunner(const BackupRunner&) = delete;
  BackupRunner& operator=(const BackupRunner&) = delete;

  /// False, and `done` is not called: a backup is being made, the runner was stopped, or the system
  /// has no thread to spare.
  [[nodiscard]] bool TryRun(const std::string& name, Done done);

  /// The backup that is being made gives up soon, and there will be no other.
  void BeginStop() { stopping_ = true; }
  /// The same, and waits until it has ended, which takes as long as the disk that it is written to.
  void Stop();
  /// The same, but no longer than until `deadline`. False: it still runs, and what it uses must
  /// stay until the process ends; only _Exit ends that without waiting.
  [[nodiscard]] bool StopBy(std::chrono::steady_clock::time_point deadline);

 private:
  void Run(const std::string& name, Done& done);
  /// What CopyTo returns; what it throws is an error too.
  [[nodiscard]] Result<BackupReport> Copy(const std::string& name);

  StoreCopier& copier_;
  const std::function<void(const std::string&)> log_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable thread_ended_;
  bool running_ = false;             // guarded by mutex_
  std::size_t threads_running_ = 0;  // guarded by mutex_; that have not come to their end yet
  std::thread thread_;               // guarded by mutex_
};

}  // namespace coupond::service

#endif  // COUPOND_API_BACKUP_RUNNER_H_

#ifndef COUPOND_API_ADMIN_METHODS_H_
#define COUPOND_API_ADMIN_METHODS_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "api/dispatcher.h"
#include "base/error.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/ports/store_copier.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

/// Backups at an operator's request: the thread that makes them, and the method that asks for one.
namespace coupond::api {

/// Makes backups on a thread of its own, one at a time. The thread has a low priority, so that
/// issuing coupons goes first.
///
/// Threads: TryRun and BeginStop from any; StopBy and Stop from the owner's. Whatever the
/// continuations and `log` use must outlive Stop.
class BackupRunner {
 public:
  /// Called once, on the runner's thread.
  using Done = std::move_only_function<void(Result<BackupReport>)>;

  /// `log` receives a line when a backup begins and when it ends, on the runner's thread.
  BackupRunner(StoreCopier& copier, std::function<void(const std::string& line)> log);
  ~BackupRunner() { Stop(); }
  BackupRunner(const BackupRunner&) = delete;
  BackupRunner& operator=(const BackupRunner&) = delete;

  /// Starts a backup. Returns false, without calling `done`, if another backup is in progress, the
  /// runner was stopped, or no thread can be started.
  [[nodiscard]] bool TryRun(const std::string& name, Done done);

  /// Makes the backup in progress give up soon, and refuses further ones.
  void BeginStop() { stopping_ = true; }
  /// Does the same, and waits until the backup has ended, which takes as long as the disk that it
  /// writes to.
  void Stop();
  /// Does the same, but waits no longer than until `deadline`. If it returns false, the backup is
  /// still running and what it uses must stay until the process ends; only _Exit ends the process
  /// without waiting for it.
  [[nodiscard]] bool StopBy(std::chrono::steady_clock::time_point deadline);

  /// Returns when the last backup that succeeded ended, or nullopt if none has since the start.
  /// Any thread.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> last_success() const;

 private:
  void Run(const std::string& name, Done& done);
  /// Returns what CopyTo returns. An exception becomes an error.
  [[nodiscard]] Result<BackupReport> Copy(const std::string& name);

  StoreCopier& copier_;
  const std::function<void(const std::string&)> log_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> last_success_{0};  // in seconds since 1970; 0: none
  std::mutex mutex_;
  std::condition_variable thread_ended_;
  bool running_ = false;             // guarded by mutex_
  std::size_t threads_running_ = 0;  // guarded by mutex_; those that have not ended yet
  std::thread thread_;               // guarded by mutex_
};

/// The methods of coupon.v1.AdminService on one worker.
///
/// Threads: the worker's. Must outlive the runner's last backup and the executor's last task; calls
/// that are waiting end with Abandon.
class AdminMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// `backups` is not owned. If it is null, requests for a backup are answered with `backups_off`.
  AdminMethods(BackupRunner* backups, std::string backups_off, http::Executor& executor)
      : backups_(backups), backups_off_(std::move(backups_off)), executor_(executor) {}

  void CreateBackup(const coupon::v1::CreateBackupRequest& request, Call call);

  /// Drops all calls that are waiting, because the worker is ending.
  void Abandon() { calls_.Clear(); }

 private:
  void Answer(std::uint64_t ticket, const std::string& name, const Result<BackupReport>& report);

  BackupRunner* const backups_;
  const std::string backups_off_;
  http::Executor& executor_;
  TicketTable<Call> calls_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_ADMIN_METHODS_H_

#include "api/backup_runner.h"

#include <sys/resource.h>

#include <system_error>
#include <utility>

#include "base/thrown.h"

namespace coupond::service {
namespace {

/// How much the thread steps back from others (see nice(1)); the least is 19.
constexpr int kNice = 10;

}  // namespace

BackupRunner::BackupRunner(StoreCopier& copier, std::function<void(const std::string&)> log)
    : copier_(copier), log_(std::move(log)) {}

bool BackupRunner::TryRun(const std::string& name, Done done) {
  std::thread previous;  // it has nothing left to do but to call its `done`
  {
    const std::lock_guard lock(mutex_);
    if (running_ || stopping_) return false;
    previous.swap(thread_);
    try {
      thread_ = std::thread([this, name, done = std::move(done)]() mutable { Run(name, done); });
    } catch (const std::system_error& error) {
      thread_.swap(previous);
      log_("backup " + name + ": no thread for it: " + error.what());
      return false;
    }
    running_ = true;
    ++threads_running_;
  }
  if (previous.joinable()) previous.join();
  return true;
}

void BackupRunner::Run(const std::string& name, Done& done) {
  // Linux gives each thread a priority of its own. Without it the backup is made all the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNice));
  log_("backup " + name + ": begun");
  Result<BackupReport> report = Copy(name);
  log_("backup " + name + ": " +
       (report ? std::to_string(report->tip.sequence.value()) + " events, " +
                     std::to_string(report->bytes) + " bytes, in " + report->path
               : "failed: " + report.error().message));
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  done(std::move(report));
  const std::lock_guard lock(mutex_);
  --threads_running_;
  thread_ended_.notify_all();
}

Result<BackupReport> BackupRunner::Copy(const std::string& name) {
  try {
    return copier_.CopyTo(name, stopping_);
  } catch (...) {
    return MakeError(ErrorCode::kIo, "the backup failed: " + DescribeThrown());
  }
}

void BackupRunner::Stop() {
  BeginStop();
  std::thread ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(thread_);
  }
  if (ended.joinable()) ended.join();
}

bool BackupRunner::StopBy(std::chrono::steady_clock::time_point deadline) {
  BeginStop();
  {
    std::unique_lock lock(mutex_);
    if (!thread_ended_.wait_until(lock, deadline, [this] { return threads_running_ == 0; })) {
      return false;
    }
  }
  Stop();
  return true;
}

}  // namespace coupond::service

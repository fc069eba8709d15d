#include "api/admin_methods.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "api/mapped.h"
#include "api/refusal_mapping.h"
#include "base/hex.h"
#include "base/thread.h"

namespace coupond::api {
namespace {

/// Added to the nice value of the runner's thread.
constexpr int kNice = 10;

using connect::Code;

connect::Error BackupError(const Error& error) {
  if (error.code == ErrorCode::kBackupExists) {
    return {.code = Code::kAlreadyExists,
            .message = "name: " + error.message + "; choose another",
            .reason = "BACKUP_EXISTS",
            .field = "name"};
  }
  if (error.code == ErrorCode::kNoSpace) {
    return {.code = Code::kResourceExhausted,
            .message = "the disk for backups is full; the server keeps running: " + error.message,
            .reason = "BACKUP_DISK_FULL"};
  }
  return OperatingError(error);
}

}  // namespace

BackupRunner::BackupRunner(StoreCopier& copier, std::function<void(const std::string&)> log)
    : copier_(copier), log_(std::move(log)) {}

bool BackupRunner::TryRun(const std::string& name, Done done) {
  std::thread previous;  // has nothing left to do but call its `done`
  {
    const std::lock_guard lock(mutex_);
    if (running_ || stopping_) return false;
    previous.swap(thread_);
    try {
      thread_ = std::thread([this, name, done = std::move(done)]() mutable { Run(name, done); });
    } catch (const std::system_error& error) {
      thread_.swap(previous);
      log_("backup " + name + ": cannot start a thread: " + error.what());
      return false;
    }
    running_ = true;
    ++threads_running_;
  }
  if (previous.joinable()) previous.join();
  return true;
}

void BackupRunner::Run(const std::string& name, Done& done) {
  NameThisThread("backup");
  LowerThisThreadsPriority(kNice);
  log_("backup " + name + ": started");
  Result<BackupReport> report = Copy(name);
  log_("backup " + name + ": " +
       (report ? std::to_string(report->tip.sequence.value()) + " events, " +
                     std::to_string(report->bytes) + " bytes, in " + report->path
               : "failed: " + report.error().message));
  if (report) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    last_success_ = now.time_since_epoch().count();
  }
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

std::optional<std::chrono::sys_seconds> BackupRunner::last_success() const {
  const std::int64_t seconds = last_success_;
  if (seconds == 0) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

void AdminMethods::CreateBackup(const coupon::v1::CreateBackupRequest& request, Call call) {
  if (backups_ == nullptr) {
    return call->Fail(
        {.code = Code::kFailedPrecondition, .message = backups_off_, .reason = "BACKUPS_OFF"});
  }
  if (!IsBackupName(request.name())) {
    return call->Fail(InvalidField("name",
                                   "give 1 to 64 letters, digits, '.', '_' or '-'; the first must "
                                   "not be a dot")
                          .error());
  }
  const std::uint64_t ticket = calls_.Add(std::move(call));
  const bool taken = backups_->TryRun(
      request.name(), [this, ticket, name = request.name()](Result<BackupReport> report) mutable {
        executor_.Post([this, ticket, name = std::move(name), report = std::move(report)] {
          Answer(ticket, name, report);
        });
      });
  if (taken) return;
  calls_.Take(ticket)->Fail(
      TryLater("BACKUP_NOT_STARTED",
               "another backup is in progress, or the server is stopping; retry later"));
}

void AdminMethods::Answer(std::uint64_t ticket, const std::string& name,
                          const Result<BackupReport>& report) {
  const Call call = calls_.Take(ticket);
  if (call == nullptr) return;  // abandoned
  if (!report) return call->Fail(BackupError(report.error()));
  coupon::v1::CreateBackupResponse response;
  response.set_name(name);
  response.set_path(report->path);
  response.set_groups(report->tip.group.value());
  response.set_events(report->tip.sequence.value());
  response.set_head_hash(Hex(report->tip.hash));
  response.set_bytes(report->bytes);
  call->Finish(response);
}

}  // namespace coupond::api

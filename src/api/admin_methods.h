#ifndef COUPOND_API_ADMIN_METHODS_H_
#define COUPOND_API_ADMIN_METHODS_H_

#include <memory>
#include <string>
#include <utility>

#include "api/backup_runner.h"
#include "api/dispatcher.h"
#include "coupon/v1/admin_service.pb.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

namespace coupond::service {

/// The methods of coupon.v1.AdminService on one worker.
///
/// Threads: the worker's. Must outlive the runner's last backup and the executor's last task; calls
/// that wait end with Abandon.
class AdminMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// `backups` is not owned. If it is null, whoever asks for a backup is answered `backups_off`.
  AdminMethods(BackupRunner* backups, std::string backups_off, http::Executor& executor)
      : backups_(backups), backups_off_(std::move(backups_off)), executor_(executor) {}

  void CreateBackup(const coupon::v1::CreateBackupRequest& request, Call call);

  /// The worker ends: drops all calls that wait.
  void Abandon() { calls_.Clear(); }

 private:
  void Answer(std::uint64_t ticket, const std::string& name, const Result<BackupReport>& report);

  BackupRunner* const backups_;
  const std::string backups_off_;
  http::Executor& executor_;
  TicketTable<Call> calls_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_ADMIN_METHODS_H_

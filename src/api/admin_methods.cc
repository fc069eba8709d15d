#include "api/admin_methods.h"

#include <string_view>
#include <utility>

#include "api/reply_mapping.h"
#include "base/hex.h"
#include "engine/ports/store_copier.h"

namespace coupond::service {
namespace {

using connect::Code;

connect::Error Refused(Code code, std::string message) {
  return {.code = code, .message = std::move(message), .details = {}, .headers = {}};
}

connect::Error BackupError(const Error& error) {
  if (error.code == ErrorCode::kBackupExists) {
    return Refused(Code::kAlreadyExists, "name: " + error.message + "; choose another");
  }
  if (error.code == ErrorCode::kNoSpace) {
    return Refused(Code::kResourceExhausted,
                   "the backup's disk is full; the server itself goes on: " + error.message);
  }
  return OperatingError(error);
}

}  // namespace

void AdminMethods::CreateBackup(const coupon::v1::CreateBackupRequest& request, Call call) {
  if (backups_ == nullptr) {
    return call->Fail(Refused(Code::kFailedPrecondition, backups_off_));
  }
  if (!IsBackupName(request.name())) {
    return call->Fail(Refused(Code::kInvalidArgument,
                              "name: give 1 to 64 letters, digits, '.', '_' or '-', not beginning "
                              "with a dot"));
  }
  const std::uint64_t ticket = calls_.Add(std::move(call));
  const bool taken = backups_->TryRun(
      request.name(), [this, ticket, name = request.name()](Result<BackupReport> report) mutable {
        executor_.Post([this, ticket, name = std::move(name), report = std::move(report)] {
          Answer(ticket, name, report);
        });
      });
  if (taken) return;
  calls_.Take(ticket)->Fail(OperatingError(
      {.code = ErrorCode::kUnavailable,
       .message = "another backup is being made, or the server is stopping; ask again later"}));
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

}  // namespace coupond::service

#include "storage/files/rocksdb_status.h"

#include <rocksdb/status.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace coupond::storage {
namespace {

/// RocksDB has no code for these errors, but the text contains the system's message.
bool IsSystemError(const rocksdb::Status& status, int error_number) {
  return status.IsIOError() &&
         status.ToString().find(std::generic_category().message(error_number)) != std::string::npos;
}

}  // namespace

std::unexpected<Error> RocksDbError(const rocksdb::Status& status, ErrorCode damaged,
                                    std::string_view what) {
  COUPOND_CHECK(!status.ok());
  ErrorCode code = ErrorCode::kIo;
  if (status.IsNoSpace() || IsSystemError(status, EDQUOT)) {
    code = ErrorCode::kNoSpace;
  } else if (status.IsCorruption() || status.IsPathNotFound() || status.IsInvalidArgument() ||
             status.IsNotFound() || status.IsNotSupported()) {
    // As we read and write, the last three mean that the files are not as we left them.
    code = damaged;
  }
  std::string message = std::string(what) + ": " + status.ToString();
  if (code == ErrorCode::kNoSpace) message += kMakeRoom;
  if (IsSystemError(status, EACCES) || IsSystemError(status, EROFS)) message += kMakeAccessible;
  return MakeError(code, std::move(message));
}

}  // namespace coupond::storage

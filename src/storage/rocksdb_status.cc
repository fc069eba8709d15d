#include "storage/rocksdb_status.h"

#include <rocksdb/status.h>

#include <string>

#include "engine/rules/check.h"

namespace coupond::storage {

std::unexpected<Error> RocksDbError(const rocksdb::Status& status, ErrorCode damaged,
                                    std::string_view what) {
  COUPOND_CHECK(!status.ok());
  ErrorCode code = ErrorCode::kIo;
  if (status.IsNoSpace()) {
    code = ErrorCode::kNoSpace;
  } else if (status.IsCorruption() || status.IsPathNotFound() || status.IsInvalidArgument() ||
             status.IsNotFound() || status.IsNotSupported()) {
    // Reading and writing as we do gives the last three only when the files are not as we left
    // them.
    code = damaged;
  }
  return MakeError(code, std::string(what) + ": " + status.ToString());
}

}  // namespace coupond::storage

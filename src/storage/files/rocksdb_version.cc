#include "storage/files/rocksdb_version.h"

#include <rocksdb/version.h>

namespace coupond::storage {

static_assert(
    ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8,
    "RocksDB's private file formats are read: see docs/ROCKSDB.md before you change this");

std::string LinkedRocksDbVersion() { return rocksdb::GetRocksVersionAsString(false); }

Status CheckRocksDbVersion(const std::string& linked) {
  if (linked == kRocksDbVersion) return {};
  return MakeError(ErrorCode::kLibraryUnsupported,
                   "this program reads the files of RocksDB " + std::string(kRocksDbVersion) +
                       ", but the RocksDB library that it found is version " + linked +
                       "; nothing was opened or changed. Install the library of version " +
                       std::string(kRocksDbVersion) + ", or use a coupond that was built for " +
                       linked);
}

}  // namespace coupond::storage

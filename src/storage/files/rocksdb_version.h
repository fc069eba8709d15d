#ifndef COUPOND_STORAGE_FILES_ROCKSDB_VERSION_H_
#define COUPOND_STORAGE_FILES_ROCKSDB_VERSION_H_

#include <string>
#include <string_view>

#include "base/error.h"

/// The version of RocksDB that this program is made for. Its WALs and its list of files are read by
/// code of our own (rocksdb_log/), and RocksDB promises nothing about their format. docs/ROCKSDB.md
/// lists what to verify before another version is used. Any thread.
namespace coupond::storage {

/// The only version that is accepted; patches of it are.
inline constexpr std::string_view kRocksDbVersion = "7.8";

/// Returns the version of the library that this process is linked with, without its patch.
[[nodiscard]] std::string LinkedRocksDbVersion();

/// Checks that this is the version that the program is made for. kLibraryUnsupported.
[[nodiscard]] Status CheckRocksDbVersion(const std::string& linked = LinkedRocksDbVersion());

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_ROCKSDB_VERSION_H_

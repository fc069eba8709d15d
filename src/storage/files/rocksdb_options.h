#ifndef COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_
#define COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_

#include <rocksdb/options.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// How RocksDB is used: its version, and its settings for the log and for the views;
/// rocksdb_options.cc states the reason for each. `env` may be null: the system's files. Any
/// thread.
namespace coupond::storage {

/// The only version of RocksDB that is accepted, with any patch. Its WALs and its list of files are
/// read by code of our own (rocksdb_log/), and RocksDB promises nothing about their format.
/// docs/ROCKSDB.md lists what to verify before another version is used.
inline constexpr std::string_view kRocksDbVersion = "7.8";

/// Returns the version of the library that this process is linked with, without its patch.
[[nodiscard]] std::string LinkedRocksDbVersion();

/// Checks that this is the version that the program is made for. kLibraryUnsupported.
[[nodiscard]] Status CheckRocksDbVersion(const std::string& linked = LinkedRocksDbVersion());

/// A copy of the log is written and read back from one end to the other: it needs few open files at
/// a time, and must leave the others to the server.
inline constexpr int kOpenFilesOfACopy = 32;

[[nodiscard]] rocksdb::Options LogOptions(rocksdb::Env* env);
[[nodiscard]] rocksdb::WriteOptions LogWriteOptions();
/// Returns the options for reading groups one after the other, each once.
[[nodiscard]] rocksdb::ReadOptions LogReadOptions();

[[nodiscard]] rocksdb::Options ViewOptions(rocksdb::Env* env);
[[nodiscard]] rocksdb::WriteOptions ViewWriteOptions();

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_

#ifndef COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_
#define COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_

#include <rocksdb/options.h>

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The settings of RocksDB for the log and for the views; rocksdb_options.cc states the reason for
/// each. `env` may be null: the system's files.
namespace coupond::storage {

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

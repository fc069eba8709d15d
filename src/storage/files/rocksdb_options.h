#ifndef COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_
#define COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_

#include <rocksdb/options.h>

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// How RocksDB is set up for the log and for the views: every setting on purpose, with the reason
/// beside it in rocksdb_options.cc. `env` may be null: the operating system's files.
namespace coupond::storage {

/// A copy of the log is written, and read back, from one end to the other: it needs few files open
/// at a time, and must leave the others to the server beside it.
inline constexpr int kOpenFilesOfACopy = 32;

[[nodiscard]] rocksdb::Options LogOptions(rocksdb::Env* env);
[[nodiscard]] rocksdb::WriteOptions LogWriteOptions();
/// For reading groups one after the other, each once.
[[nodiscard]] rocksdb::ReadOptions LogReadOptions();

[[nodiscard]] rocksdb::Options ViewOptions(rocksdb::Env* env);
[[nodiscard]] rocksdb::WriteOptions ViewWriteOptions();

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_ROCKSDB_OPTIONS_H_

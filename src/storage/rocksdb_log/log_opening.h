#ifndef COUPOND_STORAGE_ROCKSDB_LOG_LOG_OPENING_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_LOG_OPENING_H_

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "storage/rocksdb_log/whole_records.h"

namespace rocksdb {
class DB;
class Env;
struct Options;
}  // namespace rocksdb

namespace coupond::storage {

/// A log's database, opened for reading only.
struct ReadOnlyLog {
  WholeRecords whole;                     ///< outlives the database
  std::shared_ptr<rocksdb::Env> visible;  ///< what RocksDB sees of `whole`; may be null
  std::unique_ptr<rocksdb::DB> db;  ///< without the groups in `whole.groups`, if those are kept

  ReadOnlyLog(WholeRecords whole, std::shared_ptr<rocksdb::Env> visible,
              std::unique_ptr<rocksdb::DB> db);
  ~ReadOnlyLog();
  ReadOnlyLog(ReadOnlyLog&&) noexcept;
  ReadOnlyLog& operator=(ReadOnlyLog&&) = delete;
};

/// Opens the log in `directory` for reading only. Whoever wants to see what a start sees opens it
/// here: WALs that are not in order are refused, and so is a file that cannot be read to its end,
/// except for a torn record, which is left out (whole_records.h). Changes nothing and takes no
/// lock.
///
/// With kKeepGroups, RocksDB does not read the WALs once more: the database holds the tables, and
/// `whole.groups` the rest, unless something unusual in the WALs must be left for RocksDB to judge.
///
/// `options` are those of the log, perhaps with more files open; their `env` must outlive the
/// database. kLogDamaged: the files do not fit together. kIo.
[[nodiscard]] Result<ReadOnlyLog> OpenLogReadOnly(const std::filesystem::path& directory,
                                                  const rocksdb::Options& options,
                                                  WalReading reading = WalReading::kCheck);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_LOG_OPENING_H_

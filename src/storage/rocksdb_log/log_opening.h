#ifndef COUPOND_STORAGE_ROCKSDB_LOG_LOG_OPENING_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_LOG_OPENING_H_

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "storage/rocksdb_log/whole_records.h"

namespace rocksdb {
class DB;
struct Options;
}  // namespace rocksdb

namespace coupond::storage {

/// The database of a log, to be read and not changed.
struct ReadOnlyLog {
  WholeRecords whole;  ///< outlives the database
  std::unique_ptr<rocksdb::DB> db;

  ReadOnlyLog(WholeRecords whole, std::unique_ptr<rocksdb::DB> db);
  ~ReadOnlyLog();
  ReadOnlyLog(ReadOnlyLog&&) noexcept;
  ReadOnlyLog& operator=(ReadOnlyLog&&) = delete;
};

/// Opens the log in `directory` as a start does, and everybody who wants to see what a start sees:
/// WALs that are not in order are refused, and so is what cannot be read on to the end of a file,
/// but for a torn record, which is left out (whole_records.h). Not a byte changes, and no lock is
/// taken. `options` are those of the log, perhaps with more files open;
/// their `env` must outlive the database. kLogDamaged: the files do not fit together. kIo.
[[nodiscard]] Result<ReadOnlyLog> OpenLogReadOnly(const std::filesystem::path& directory,
                                                  const rocksdb::Options& options);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_LOG_OPENING_H_

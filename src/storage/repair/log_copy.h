#ifndef COUPOND_STORAGE_REPAIR_LOG_COPY_H_
#define COUPOND_STORAGE_REPAIR_LOG_COPY_H_

#include <rocksdb/write_batch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

/// Writes a new log, and puts it in the place of an old one.
namespace coupond::storage {

/// A new log that is filled with records, many at a time.
///
/// The records are written as they are; the caller has checked or made them. Nothing is durable
/// before Finish.
/// One thread. Errors are kNoSpace, kIo and kLogDamaged; after one, remove the directory. RocksDB
/// writes tables on threads that the whole process shares, with enough of them that a copy that
/// hangs does not block another database.
class LogCopy {
 public:
  /// Creates an empty log in `directory`, which must not hold one and is created if necessary; its
  /// parent must exist. `env` (not owned; null: the system's files) must outlive the copy.
  [[nodiscard]] static Result<std::unique_ptr<LogCopy>> Create(
      const std::filesystem::path& directory, rocksdb::Env* env = nullptr);
  ~LogCopy();
  LogCopy(const LogCopy&) = delete;
  LogCopy& operator=(const LogCopy&) = delete;

  /// Adds the next group. Numbers begin with 1 and have no gaps.
  [[nodiscard]] Status Add(GroupNumber number, std::string_view record);
  /// Brings everything to disk and closes the log. The caller must sync the directory's entry in
  /// its parent.
  [[nodiscard]] Status Finish();

 private:
  LogCopy(std::filesystem::path directory, rocksdb::Env* env, std::unique_ptr<rocksdb::DB> db);

  [[nodiscard]] Status WriteBatch();

  const std::filesystem::path directory_;
  rocksdb::Env* const env_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteBatch batch_;
  GroupNumber last_;
};

/// Copies a log, which may be in use, from its beginning to its tip at the time of the call. Checks
/// the hash of each record, and reads back the tip of the copy. `before_group` is called with each
/// group's number, and once more with the number after the last; if it returns an error, the
/// copying ends with that error. Other errors are those of LogCopy.
[[nodiscard]] Result<LogTip> CopyLog(const LogReader& log, const std::filesystem::path& directory,
                                     const std::function<Status(GroupNumber)>& before_group,
                                     rocksdb::Env* env);

/// Returns an unused name in the data directory for what is removed from it, made from the time:
/// "removed-20260101T020000Z". kIo.
[[nodiscard]] Result<std::filesystem::path> RemovedName(const std::filesystem::path& data_directory,
                                                        const Clock& clock);

/// Exchanges the names of two directories in one step, which also holds after a power failure once
/// their parents are synced. Fails on file systems that cannot do that. kIo, kNoSpace.
[[nodiscard]] Status ExchangeDirectories(const std::filesystem::path& one,
                                         const std::filesystem::path& other);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_LOG_COPY_H_

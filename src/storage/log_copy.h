#ifndef COUPOND_STORAGE_LOG_COPY_H_
#define COUPOND_STORAGE_LOG_COPY_H_

#include <rocksdb/write_batch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "engine/ports/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// A new log that is filled with the records of another one, many at a time.
///
/// The records are taken as they are; whoever hands them over has checked them. Nothing is durable
/// before Finish. One thread. Errors are kNoSpace, kIo and kLogDamaged; after one, the only way is
/// to remove the directory. RocksDB's threads for writing tables are the
/// process's, with enough of them that a copy that hangs holds up no other database.
class LogCopy {
 public:
  /// There must be no log in `directory` yet, which is made if it is not there; its parent must be.
  /// `env` (not owned; null: the system's files) must outlive the copy.
  [[nodiscard]] static Result<std::unique_ptr<LogCopy>> Create(
      const std::filesystem::path& directory, rocksdb::Env* env = nullptr);
  ~LogCopy();
  LogCopy(const LogCopy&) = delete;
  LogCopy& operator=(const LogCopy&) = delete;

  /// Groups come in order, beginning with 1.
  [[nodiscard]] Status Add(GroupNumber number, std::string_view record);
  /// Brings all of it to disk and closes the log. The directory's own entry in its parent is the
  /// caller's to sync.
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

/// Copies a log that may be in use from its beginning to where it ends when this begins, checks
/// each record's hash on the way, and reads back where the copy ends. `before_group` is called with
/// each group's number, and once more with that behind the last; its error ends the copying, and is
/// returned. Otherwise as LogCopy.
[[nodiscard]] Result<LogTip> CopyLog(const EventLog& log, const std::filesystem::path& directory,
                                     const std::function<Status(GroupNumber)>& before_group,
                                     rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_LOG_COPY_H_

#ifndef COUPOND_STORAGE_FILES_FILE_REWRITE_H_
#define COUPOND_STORAGE_FILES_FILE_REWRITE_H_

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"

namespace rocksdb {
class DB;
class Env;
class Status;
}  // namespace rocksdb

namespace coupond::storage {

/// Keys from `first` to `last`, both included.
struct KeySpan {
  std::string first;
  std::string last;
};

/// Rewrites all files that have keys in some ranges, so that what was deleted, replaced or filtered
/// there before is in no file of the database any more, its WALs included.
///
/// Threads: one at a time, beside those that read and write the database.
class FileRewrite {
 public:
  /// What the database shows now stays. `directory` is that of the database, and `env` what it was
  /// opened with (null: the system's files); all must outlive this.
  FileRewrite(rocksdb::DB& db, const std::filesystem::path& directory, rocksdb::Env* env,
              std::vector<KeySpan> ranges);

  /// Rewrites the files, unless that was done, and looks whether the old ones are gone. Returns
  /// false if somebody still reads the database as it was, which keeps old files or old values:
  /// call it again later. Whoever begins to read after the construction is in nobody's way. Gives
  /// up soon after `stop` becomes true (kUnavailable). kIo, kNoSpace and others: the files could
  /// not be rewritten; it may be tried again.
  [[nodiscard]] Result<bool> Continue(const std::atomic<bool>& stop);

 private:
  [[nodiscard]] Status Check(const rocksdb::Status& status) const;
  [[nodiscard]] Status RewriteAll(const std::atomic<bool>& stop);
  [[nodiscard]] Status Rewrite(const KeySpan& range, const std::atomic<bool>& stop);
  [[nodiscard]] Status DeleteLeftovers();
  /// Reports whether no snapshot shows the database as it was before.
  [[nodiscard]] bool NobodyReadsBefore() const;
  [[nodiscard]] Result<std::set<std::string>> ListTables() const;
  /// Reports whether none of the old tables is there, unless it is still in use, nor any WAL with
  /// something in it but the present one.
  [[nodiscard]] Result<bool> AreGone() const;
  [[nodiscard]] bool IsEmpty(const std::string& name) const;

  rocksdb::DB& db_;
  const std::filesystem::path& directory_;
  rocksdb::Env* const env_;
  const std::vector<KeySpan> ranges_;
  const std::uint64_t since_;  // RocksDB's own sequence
  bool rewritten_ = false;
  std::set<std::string> old_tables_;  // once they are rewritten
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_FILE_REWRITE_H_

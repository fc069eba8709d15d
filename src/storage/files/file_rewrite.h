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

/// Rewrites all files that have keys in some ranges, so that no file of the database, its WALs
/// included, still contains what was deleted, replaced or filtered there before.
///
/// Threads: one at a time, beside those that read and write the database.
class FileRewrite {
 public:
  /// Keeps what the database shows now. `directory` is that of the database, and `env` what it was
  /// opened with (null: the system's files); all must outlive this.
  FileRewrite(rocksdb::DB& db, const std::filesystem::path& directory, rocksdb::Env* env,
              std::vector<KeySpan> ranges);

  /// Rewrites the files, unless that was done, and checks whether the old ones are gone. True is
  /// durable: a power failure does not bring them back. Returns false if a reader still sees the
  /// database as it was, which keeps old files or old values: call it again later. Reads that begin
  /// after the construction do not matter. Gives up soon after `stop` becomes true (kUnavailable).
  /// kIo, kNoSpace and others: the files could not be rewritten; the call may be repeated.
  [[nodiscard]] Result<bool> Continue(const std::atomic<bool>& stop);

 private:
  [[nodiscard]] Status Check(const rocksdb::Status& status) const;
  [[nodiscard]] Status RewriteAll(const std::atomic<bool>& stop);
  [[nodiscard]] Status Rewrite(const KeySpan& range, const std::atomic<bool>& stop);
  [[nodiscard]] Status DeleteLeftovers();
  /// Deletes the WALs with smaller numbers, whose groups must be in tables.
  [[nodiscard]] Status DeleteWalsBefore(std::uint64_t number) const;
  /// Returns the number of the WAL that is being written.
  [[nodiscard]] Result<std::uint64_t> PresentWal() const;
  /// Reports whether no snapshot shows the database as it was before.
  [[nodiscard]] bool NobodyReadsBefore() const;
  [[nodiscard]] Result<std::set<std::string>> ListTables() const;
  /// Reports whether all old tables are gone, except those still in use, and all WALs but the
  /// current one are empty.
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

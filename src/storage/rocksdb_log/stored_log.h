#ifndef COUPOND_STORAGE_ROCKSDB_LOG_STORED_LOG_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_STORED_LOG_H_

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "storage/format/commit_record.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/whole_records.h"

namespace rocksdb {
class DB;
class Env;
class Iterator;
struct Options;
}  // namespace rocksdb

/// Opens a log for reading only, and reads it. `env` is not owned; null: the system's files.
namespace coupond::storage {

/// Checks that there is a log in `directory`. kLogMissing, kIo.
[[nodiscard]] Status CheckLogIsThere(const std::filesystem::path& directory, rocksdb::Env* env);

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

/// Opens the log in `directory` for reading only. A caller that wants to see what a start sees
/// opens it here: WALs that are not in order are refused, and so is a file that cannot be read to
/// its end, except for a torn record, which is left out (whole_records.h). Changes nothing and
/// takes no lock.
///
/// With kKeepGroups, RocksDB does not read the WALs once more: the database holds the tables, and
/// `whole.groups` the rest, unless something unusual in the WALs must be left for RocksDB to judge.
///
/// `options` are those of the log, perhaps with more files open; their `env` must outlive the
/// database. kLogDamaged: the files do not fit together. kIo.
[[nodiscard]] Result<ReadOnlyLog> OpenLogReadOnly(const std::filesystem::path& directory,
                                                  const rocksdb::Options& options,
                                                  WalReading reading = WalReading::kCheck);

/// Why a log cannot be read any further: its next record is at fault, or cannot be read.
using LogFault = std::variant<RecordFault, Error>;

/// Returns the error for a record of the log in `directory`.
[[nodiscard]] Error ErrorOf(const RecordFault& fault, const std::filesystem::path& directory);

/// A log as it is stored, whether or not a server is using it.
///
/// Shows the groups as they were when it was opened, whatever a running server does afterwards.
/// They may include a last group whose sync has not returned yet. A torn record at the end is left
/// out, as the next start of a server would. Nothing is checked before it is read, so a log that a
/// server would refuse can be read up to its fault, which has a kind. Changes nothing and takes no
/// lock.
class StoredLog final : public LogReader {
 public:
  /// Opens the log. A running server removes files that it has replaced, even during the opening,
  /// which may then fail with any of these errors: try again. kLogMissing, kLogDamaged, kIo;
  /// kLibraryUnsupported. `format` is that of all its records.
  [[nodiscard]] static Result<std::unique_ptr<StoredLog>> Open(
      const std::filesystem::path& directory, rocksdb::Env* env = nullptr,
      RecordFormat format = RecordFormat::k2);
  ~StoredLog() override;
  StoredLog(const StoredLog&) = delete;
  StoredLog& operator=(const StoredLog&) = delete;

  /// Returns what the last record says of itself, unchecked. What it does not say is zero.
  [[nodiscard]] LogTip Tip() const override { return tip_; }
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override;

  /// Called with the bytes of a record.
  using RecordVisitor = std::function<void(std::string_view record)>;
  /// Hands out all records in order, unchecked. kLogDamaged, kIo: the rest cannot be read.
  [[nodiscard]] Status VisitRecords(const RecordVisitor& visit) const;

  /// Reads the groups one after the other, beginning with the first. Belongs to one thread, and
  /// must not outlive the log.
  class Groups {
   public:
    explicit Groups(const StoredLog& log);
    ~Groups();
    Groups(const Groups&) = delete;
    Groups& operator=(const Groups&) = delete;

    /// Returns the next group, checked against those before, or nullopt at the end of the log.
    /// After a fault there is no next one.
    [[nodiscard]] std::expected<std::optional<CheckedRecord>, LogFault> Next();
    /// Returns where the log ends with the groups so far.
    [[nodiscard]] const LogTip& tip() const { return chain_.tip(); }

   private:
    const StoredLog& log_;
    std::unique_ptr<rocksdb::Iterator> position_;
    RecordChain chain_;
  };

  /// Returns how many bytes at the end of the log were left out.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return log_.whole.left_out_bytes(); }

 private:
  StoredLog(std::filesystem::path directory, ReadOnlyLog log, RecordFormat format);

  [[nodiscard]] Status FindTip();

  const std::filesystem::path directory_;
  const ReadOnlyLog log_;
  const RecordFormat format_;
  LogTip tip_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_STORED_LOG_H_

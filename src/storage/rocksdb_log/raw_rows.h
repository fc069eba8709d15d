#ifndef COUPOND_STORAGE_ROCKSDB_LOG_RAW_ROWS_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_RAW_ROWS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/rocksdb_log/log_opening.h"

namespace rocksdb {
class Env;
class Iterator;
}  // namespace rocksdb

namespace coupond::storage {

/// Keys and values of the log or of the views as they are on disk, for checking and rescuing them:
/// nothing is decoded, and damage in the last row does not keep the others from being read.
///
/// Shows the rows as they were when it was opened, whatever a running server does afterwards. They
/// may include a last group whose sync has not returned yet. Changes nothing and takes no lock. Any
/// thread may read; a cursor belongs to one thread at a time.
class RawRows {
 public:
  enum class Database { kLog, kViews };

  /// Opens the rows. kLogMissing or kViewsDamaged: there is no database in `directory`. kLogDamaged
  /// or kViewsDamaged: its files do not fit together. kIo: they could not be read. A running server
  /// removes files that it has replaced, even during the opening; so an opening that fails, or
  /// loses a WAL meanwhile, is tried a few times. Leaves out a torn record at the end of the log,
  /// as the next start of a server would (whole_records.h). `env` (not owned; null: the system's
  /// files) must outlive the rows.
  [[nodiscard]] static Result<std::unique_ptr<RawRows>> Open(const std::filesystem::path& directory,
                                                             Database database,
                                                             rocksdb::Env* env = nullptr);
  ~RawRows();
  RawRows(const RawRows&) = delete;
  RawRows& operator=(const RawRows&) = delete;

  /// Visits rows in the order of their keys. Must not outlive the rows.
  class Cursor {
   public:
    Cursor(const RawRows& rows, std::string_view first_key);
    ~Cursor();
    Cursor(Cursor&&) noexcept;
    Cursor& operator=(Cursor&&) = delete;

    [[nodiscard]] bool Valid() const;
    void Next();
    /// These two are valid until Next.
    [[nodiscard]] std::string_view key() const;
    [[nodiscard]] std::string_view value() const;
    /// Returns why Valid returned false: an error, or ok at the end.
    [[nodiscard]] Status status() const;

   private:
    const RawRows* rows_;
    std::unique_ptr<rocksdb::Iterator> position_;
  };

  /// Returns a cursor at the first row at or after `first_key`.
  [[nodiscard]] Cursor From(std::string_view first_key) const { return {*this, first_key}; }
  /// Returns the value, or nullopt if there is no such row.
  [[nodiscard]] Result<std::optional<std::string>> Find(std::string_view key) const;
  /// Returns how many bytes of the log were left out; 0 for views.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return rows_.whole.left_out_bytes(); }
  /// Returns the key of the last row, or nullopt if there are no rows.
  [[nodiscard]] Result<std::optional<std::string>> LastKey() const;

 private:
  RawRows(std::filesystem::path directory, Database database, ReadOnlyLog rows);

  const std::filesystem::path directory_;
  const Database database_;
  const ReadOnlyLog rows_;  ///< or the views, of which nothing is left out
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_RAW_ROWS_H_

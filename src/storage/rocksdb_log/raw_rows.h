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

/// Keys and values of the log or of the views, just as they are on disk, for whoever checks or
/// rescues them: nothing is decoded, and damage in the last row does not keep the others from being
/// read.
///
/// What is seen is what was there at the moment of opening, whatever a running server does
/// afterwards. That may include a last group whose sync has not returned yet. Not a byte changes,
/// and no lock is taken. Any thread may read; a cursor belongs to one thread at a time.
class RawRows {
 public:
  enum class Database { kLog, kViews };

  /// kLogMissing or kViewsDamaged: there is no database in `directory`. kLogDamaged or
  /// kViewsDamaged: its files do not fit together. kIo: they could not be read. A running server
  /// removes files that it has replaced, also in the middle of an opening; so what fails, or loses
  /// a WAL meanwhile, is tried a few times before it is believed. A torn record at the end of the
  /// log is left out, as the next start of a server would (whole_records.h). `env` (not owned;
  /// null: the system's files) must outlive the rows.
  [[nodiscard]] static Result<std::unique_ptr<RawRows>> Open(const std::filesystem::path& directory,
                                                             Database database,
                                                             rocksdb::Env* env = nullptr);
  ~RawRows();
  RawRows(const RawRows&) = delete;
  RawRows& operator=(const RawRows&) = delete;

  /// Goes through rows in the order of their keys. Must not outlive the rows.
  class Cursor {
   public:
    Cursor(const RawRows& rows, std::string_view first_key);
    ~Cursor();
    Cursor(Cursor&&) noexcept;
    Cursor& operator=(Cursor&&) = delete;

    [[nodiscard]] bool Valid() const;
    void Next();
    /// These two are good until Next.
    [[nodiscard]] std::string_view key() const;
    [[nodiscard]] std::string_view value() const;
    /// To be asked when Valid says no: the end, or an error.
    [[nodiscard]] Status status() const;

   private:
    const RawRows* rows_;
    std::unique_ptr<rocksdb::Iterator> position_;
  };

  /// From the first row at or after `first_key`.
  [[nodiscard]] Cursor From(std::string_view first_key) const { return {*this, first_key}; }
  /// Nothing: there is no such row.
  [[nodiscard]] Result<std::optional<std::string>> Find(std::string_view key) const;
  /// What was left out of the log; 0 for views.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return rows_.whole.left_out_bytes(); }
  /// The key of the last row; nothing: there are no rows.
  [[nodiscard]] Result<std::optional<std::string>> LastKey() const;

 private:
  RawRows(std::filesystem::path directory, Database database, ReadOnlyLog rows);

  const std::filesystem::path directory_;
  const Database database_;
  const ReadOnlyLog rows_;  ///< or the views, of which nothing is left out
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_RAW_ROWS_H_

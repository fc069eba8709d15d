#ifndef COUPOND_STORAGE_VIEWS_STORED_VIEW_ROWS_H_
#define COUPOND_STORAGE_VIEWS_STORED_VIEW_ROWS_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace rocksdb {
class DB;
class Iterator;
}  // namespace rocksdb

namespace coupond::storage {

/// The keys and values of the views as they are on disk, for checking them: nothing is decoded, and
/// damage in one row does not keep the others from being read.
///
/// Shows the rows as they were when it was opened, whatever a running server does afterwards.
/// Changes nothing and takes no lock. Any thread may read; a cursor belongs to one thread at a
/// time. kViewsDamaged: the files are missing or do not fit together. kIo: they cannot be read.
class StoredViewRows {
 public:
  /// Opens the rows. A running server removes files that it has replaced, even during the opening,
  /// which may then fail: try again.
  [[nodiscard]] static Result<std::unique_ptr<StoredViewRows>> Open(
      const std::filesystem::path& directory);
  ~StoredViewRows();
  StoredViewRows(const StoredViewRows&) = delete;
  StoredViewRows& operator=(const StoredViewRows&) = delete;

  /// Visits rows in the order of their keys. Must not outlive the rows.
  class Cursor {
   public:
    Cursor(const StoredViewRows& rows, std::string_view first_key);
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
    const StoredViewRows* rows_;
    std::unique_ptr<rocksdb::Iterator> position_;
  };

  /// Returns a cursor at the first row at or after `first_key`.
  [[nodiscard]] Cursor From(std::string_view first_key) const { return {*this, first_key}; }
  /// Returns the value, or nullopt if there is no such row.
  [[nodiscard]] Result<std::optional<std::string>> Find(std::string_view key) const;

 private:
  StoredViewRows(std::filesystem::path directory, std::unique_ptr<rocksdb::DB> db);

  const std::filesystem::path directory_;
  const std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_STORED_VIEW_ROWS_H_

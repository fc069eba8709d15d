#ifndef COUPOND_STORAGE_VIEWS_VIEW_DATABASE_H_
#define COUPOND_STORAGE_VIEWS_VIEW_DATABASE_H_

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "storage/views/view_rows.h"

namespace rocksdb {
class DB;
class Env;
struct Options;
}  // namespace rocksdb

/// Examines, opens and removes the directory of the views.
///
/// One thread. kViewsDamaged: the files are not as they were left, or are marked as damaged; the
/// views must be rebuilt. kIo, kNoSpace: the files may be intact, but cannot be used now, for
/// example because another process has them open. `env` may be null: the system's files.
namespace coupond::storage {

/// Returns the options of the views' database: those of every database, and how its rows are merged
/// (row_merge.h).
[[nodiscard]] rocksdb::Options ViewDatabaseOptions(rocksdb::Env* env);

/// Returns how far the views have come, or nullopt if there are none yet. Changes nothing. Views of
/// another version than `version` are kViewsDamaged.
[[nodiscard]] Result<std::optional<Checkpoint>> LookAtViews(const std::filesystem::path& directory,
                                                            rocksdb::Env* env,
                                                            std::uint32_t version = kViewsVersion);

/// Opens the views. A missing or empty directory gives an empty database; anything else must be
/// views.
[[nodiscard]] Result<std::unique_ptr<rocksdb::DB>> OpenViewDatabase(
    const std::filesystem::path& directory, rocksdb::Env* env);

/// Removes the directory, unless a process has the views open. A missing one is not an error.
[[nodiscard]] Status RemoveViews(const std::filesystem::path& directory, rocksdb::Env* env);

/// The file DAMAGED in the views' directory: damage was met while the views were in use.
///
/// Opening reads only a few rows. Damage in another one is met later, when all that is left is to
/// stop; without this file, every start would run into it again. Any thread. `env` (null: the
/// system's files) must outlive the mark.
class DamageMark {
 public:
  explicit DamageMark(const std::filesystem::path& directory, rocksdb::Env* env = nullptr);
  DamageMark(const DamageMark&) = delete;
  DamageMark& operator=(const DamageMark&) = delete;

  /// Reports whether the mark is in the directory. kIo: it is unknown.
  [[nodiscard]] static Result<bool> IsIn(const std::filesystem::path& directory,
                                         rocksdb::Env* env = nullptr);

  /// Returns the result. If it is kViewsDamaged, leaves the mark first, durably, and adds to the
  /// message what comes next. Only the first call writes to the disk; if that fails, the message
  /// says what to do instead.
  template <typename T>
  [[nodiscard]] Result<T> Check(Result<T> result) {
    if (!result && result.error().code == ErrorCode::kViewsDamaged) Leave(result.error());
    return result;
  }

 private:
  void Leave(Error& error);

  const std::filesystem::path directory_;
  rocksdb::Env* const env_;
  std::mutex mutex_;
  std::optional<Status> left_;  ///< nullopt: not tried yet
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_VIEW_DATABASE_H_

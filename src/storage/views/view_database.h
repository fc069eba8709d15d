#ifndef COUPOND_STORAGE_VIEWS_VIEW_DATABASE_H_
#define COUPOND_STORAGE_VIEWS_VIEW_DATABASE_H_

#include <filesystem>
#include <memory>
#include <optional>

#include "base/error.h"
#include "engine/ports/view_store.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

/// Examines, opens and removes the directory of the views.
///
/// One thread. kViewsDamaged: the files are not as they were left, or are marked as damaged; the
/// views must be rebuilt. kIo, kNoSpace: the files may be intact, but cannot be used now, for
/// example because another process has them open. `env` may be null: the system's files.
namespace coupond::storage {

/// Returns how far the views have come, or nullopt if there are none yet. Changes nothing.
[[nodiscard]] Result<std::optional<Checkpoint>> LookAtViews(const std::filesystem::path& directory,
                                                            rocksdb::Env* env);

/// Opens the views. A missing or empty directory gives an empty database; anything else must be
/// views.
[[nodiscard]] Result<std::unique_ptr<rocksdb::DB>> OpenViewDatabase(
    const std::filesystem::path& directory, rocksdb::Env* env);

/// Removes the directory, unless somebody has the views open. A missing one is not an error.
[[nodiscard]] Status RemoveViews(const std::filesystem::path& directory, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_VIEW_DATABASE_H_

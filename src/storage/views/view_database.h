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

/// The directory of the views: looking at it, opening it, removing it.
///
/// One thread. kViewsDamaged: the files are not as they were left, or are marked as damaged; what
/// they held can only be made anew. kIo, kNoSpace: the files may be as good as ever, but cannot be
/// used now, for example because another process has them open. `env` may be null: the system's
/// files.
namespace coupond::storage {

/// How far the views have come, without changing a byte. Nothing: there are none yet.
[[nodiscard]] Result<std::optional<Checkpoint>> LookAtViews(const std::filesystem::path& directory,
                                                            rocksdb::Env* env);

/// A directory that is missing or empty gives an empty database. Anything else must be views.
[[nodiscard]] Result<std::unique_ptr<rocksdb::DB>> OpenViewDatabase(
    const std::filesystem::path& directory, rocksdb::Env* env);

/// Removes the directory, unless somebody has the views open. That there is none is fine.
[[nodiscard]] Status RemoveViews(const std::filesystem::path& directory, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_VIEW_DATABASE_H_

#include "storage/view_database.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "storage/damage_mark.h"
#include "storage/data_directory.h"
#include "storage/durable_file.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"
#include "storage/view_keys.h"
#include "storage/view_rows.h"

namespace coupond::storage {
namespace {

/// Whether there is anything in the directory, and if so, that it may be views.
Result<bool> HasViews(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error == std::errc::no_such_file_or_directory) return false;
  if (error) return SystemError("list", directory, error.value());
  if (entry == std::filesystem::directory_iterator()) return false;

  const Result<bool> marked = DamageMark::IsIn(directory);
  if (!marked) return std::unexpected(marked.error());
  if (*marked) {
    return MakeError(ErrorCode::kViewsDamaged,
                     "the views in " + directory.string() + " were found damaged while in use");
  }
  const bool has_current = std::filesystem::exists(directory / "CURRENT", error);
  if (error) return SystemError("look for", directory / "CURRENT", error.value());
  if (!has_current) {
    // Files without their list are remains, which must not be mixed with new ones.
    return MakeError(ErrorCode::kViewsDamaged,
                     "the views in " + directory.string() + " have lost their file CURRENT");
  }
  return true;
}

std::unexpected<Error> CannotOpen(const rocksdb::Status& status,
                                  const std::filesystem::path& directory) {
  // Damage is only what cannot be anything else. Views that are thrown away for an error that
  // passes, or for a RocksDB that lacks a feature, cost a long start.
  const bool damaged = status.IsCorruption() || status.IsPathNotFound();
  return RocksDbError(status, damaged ? ErrorCode::kViewsDamaged : ErrorCode::kIo,
                      "cannot open the views in " + directory.string());
}

}  // namespace

Result<std::optional<Checkpoint>> LookAtViews(const std::filesystem::path& directory,
                                              rocksdb::Env* env) {
  const Result<bool> has_views = HasViews(directory);
  if (!has_views) return std::unexpected(has_views.error());
  if (!*has_views) return std::nullopt;

  rocksdb::Options options = ViewOptions(env);
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, directory, &opened);
  if (!status.ok()) return CannotOpen(status, directory);
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string value;
  const rocksdb::Status found = db->Get(rocksdb::ReadOptions(), kCheckpointKey, &value);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) {
    return RocksDbError(found, ErrorCode::kViewsDamaged,
                        "cannot read the views in " + directory.string());
  }
  return DecodeCheckpoint(value);
}

Result<std::unique_ptr<rocksdb::DB>> OpenViewDatabase(const std::filesystem::path& directory,
                                                      rocksdb::Env* env) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemError("create", directory, errno);
  }
  const Result<bool> has_views = HasViews(directory);
  if (!has_views) return std::unexpected(has_views.error());
  rocksdb::Options options = ViewOptions(env);
  options.create_if_missing = !*has_views;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory, &db);
  if (!status.ok()) return CannotOpen(status, directory);
  return std::unique_ptr<rocksdb::DB>(db);
}

Status RemoveViews(const std::filesystem::path& directory, rocksdb::Env* env) {
  std::error_code error;
  const bool there = std::filesystem::exists(directory, error);
  if (error) return SystemError("look for", directory, error.value());
  if (!there) return {};
  if (env == nullptr) env = rocksdb::Env::Default();
  rocksdb::FileLock* lock = nullptr;
  if (const rocksdb::Status locked = env->LockFile(directory / "LOCK", &lock); !locked.ok()) {
    return RocksDbError(locked, ErrorCode::kIo, "cannot remove the views in " + directory.string());
  }
  Status removed = RemoveAll(directory);
  const rocksdb::Status unlocked = env->UnlockFile(lock);
  if (removed && !unlocked.ok()) {
    return RocksDbError(unlocked, ErrorCode::kIo, "cannot unlock " + directory.string());
  }
  return removed;
}

}  // namespace coupond::storage

#include "storage/views/view_database.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <string>
#include <vector>

#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/views/row_merge.h"
#include "storage/views/user_index_filter.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

std::filesystem::path MarkIn(const std::filesystem::path& directory) {
  return directory / "DAMAGED";
}

/// Whether there is anything in the directory, and if so, that it may be views.
Result<bool> HasViews(const std::filesystem::path& directory, rocksdb::Env* env) {
  const Result<bool> there = Exists(directory, env);
  if (!there || !*there) return there;
  const std::vector<std::string> names = TRY(ListDirectory(directory, env));
  if (names.empty()) return false;

  const bool marked = TRY(DamageMark::IsIn(directory, env));
  if (marked) {
    return MakeError(ErrorCode::kViewsDamaged,
                     "the views in " + directory.string() + " were found damaged while in use");
  }
  const bool has_current = TRY(Exists(directory / "CURRENT", env));
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

rocksdb::Options ViewDatabaseOptions(rocksdb::Env* env) {
  rocksdb::Options options = ViewOptions(env);
  options.merge_operator = std::make_shared<RowMerge>();
  return options;
}

Result<std::optional<Checkpoint>> LookAtViews(const std::filesystem::path& directory,
                                              rocksdb::Env* env, std::uint32_t version) {
  const bool has_views = TRY(HasViews(directory, env));
  if (!has_views) return std::nullopt;

  const rocksdb::Options options = ViewDatabaseOptions(env);
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
  return DecodeCheckpoint(value, version);
}

Result<std::unique_ptr<rocksdb::DB>> OpenViewDatabase(const std::filesystem::path& directory,
                                                      rocksdb::Env* env) {
  TRY(MakePrivateDirectory(directory, env));
  const bool has_views = TRY(HasViews(directory, env));
  rocksdb::Options options = ViewDatabaseOptions(env);
  options.create_if_missing = !has_views;
  const auto filter = std::make_shared<UserIndexFilter>();
  options.compaction_filter_factory = filter;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory, &db);
  if (!status.ok()) return CannotOpen(status, directory);
  filter->Begin(*db);
  return std::unique_ptr<rocksdb::DB>(db);
}

Status RemoveViews(const std::filesystem::path& directory, rocksdb::Env* env) {
  const bool there = TRY(Exists(directory, env));
  if (!there) return {};
  if (env == nullptr) env = rocksdb::Env::Default();
  rocksdb::FileLock* lock = nullptr;
  if (const rocksdb::Status locked = env->LockFile(directory / "LOCK", &lock); !locked.ok()) {
    return RocksDbError(locked, ErrorCode::kIo, "cannot remove the views in " + directory.string());
  }
  Status removed = RemoveAll(directory, env);
  const rocksdb::Status unlocked = env->UnlockFile(lock);
  if (removed && !unlocked.ok()) {
    return RocksDbError(unlocked, ErrorCode::kIo, "cannot unlock " + directory.string());
  }
  return removed;
}

DamageMark::DamageMark(const std::filesystem::path& directory, rocksdb::Env* env)
    : directory_(directory), env_(env) {}

Result<bool> DamageMark::IsIn(const std::filesystem::path& directory, rocksdb::Env* env) {
  return Exists(MarkIn(directory), env);
}

void DamageMark::Leave(Error& error) {
  const std::lock_guard lock(mutex_);
  if (!left_) {
    left_ = ReplaceFile(MarkIn(directory_),
                        "These views were found damaged while in use. They are rebuilt from the "
                        "log at the next start.\n",
                        env_);
  }
  if (*left_) {
    error.message += "; the views are rebuilt from the log at the next start";
  } else {
    error.message += "; stop the server and remove " + directory_.string() +
                     ", then the views are rebuilt from the log at the next start (by itself it "
                     "would not: " +
                     left_->error().message + ")";
  }
}

}  // namespace coupond::storage

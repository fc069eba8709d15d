#include "storage/store_backup.h"

#include <rocksdb/env.h>

#include <string>
#include <system_error>
#include <utility>

#include "base/display_text.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_status.h"
#include "storage/files/store_format.h"
#include "storage/files/watermark.h"
#include "storage/repair/log_copy.h"

namespace coupond::storage {
namespace {

/// How many of the store id's hexadecimal digits tell stores apart.
constexpr std::size_t kStoreDigits = 8;

Status Rename(const std::filesystem::path& from, const std::filesystem::path& to,
              rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const rocksdb::Status renamed = env->RenameFile(from, to);
  if (renamed.ok()) return {};
  return RocksDbError(renamed, ErrorCode::kIo, "cannot rename " + from.string());
}

Status CheckGoesOn(const std::atomic<bool>& stop) {
  if (stop) return MakeError(ErrorCode::kUnavailable, "the backup was stopped");
  return {};
}

/// The sum of the files' sizes.
Result<std::uint64_t> BytesIn(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    if (!entry->is_regular_file(error) || error) continue;
    bytes += entry->file_size(error);
  }
  if (error) return SystemError("look into", directory, error.value());
  return bytes;
}

}  // namespace

Result<std::filesystem::path> StoreBackup::CheckPlace(const std::filesystem::path& directory,
                                                      const std::filesystem::path& data_directory,
                                                      rocksdb::Env* env) {
  const std::filesystem::path data = TRY(RealPath(data_directory));
  std::filesystem::path place = TRY(RealPath(directory));
  if (IsWithin(place, data)) {
    return MakeError(ErrorCode::kInvalidArgument, "the backup directory " + directory.string() +
                                                      " lies within the data directory " +
                                                      data_directory.string());
  }
  const bool there = TRY(Exists(place, env));
  std::error_code error;
  if (there && !std::filesystem::is_directory(place, error)) {
    return MakeError(ErrorCode::kNotADataDirectory, directory.string() + " is not a directory");
  }
  return place;
}

Result<std::unique_ptr<StoreBackup>> StoreBackup::Open(const std::filesystem::path& directory,
                                                       const std::filesystem::path& data_directory,
                                                       const LogReader& log,
                                                       const StoreId& store_id, rocksdb::Env* env) {
  const std::filesystem::path place = TRY(CheckPlace(directory, data_directory, env));
  const bool there = TRY(Exists(place, env));
  if (!there) {
    TRY(MakePrivateDirectory(place, env));
    // Or a power cut could take it with all the backups that are in it.
    TRY(SyncDirectory(place.parent_path(), env));
  }
  return std::unique_ptr<StoreBackup>(new StoreBackup(place, log, store_id, env));
}

StoreBackup::StoreBackup(std::filesystem::path directory, const LogReader& log,
                         const StoreId& store_id, rocksdb::Env* env)
    : directory_(std::move(directory)), log_(log), store_id_(store_id), env_(env) {}

Result<BackupReport> StoreBackup::CopyTo(const std::string& name, const std::atomic<bool>& stop) {
  if (!IsBackupName(name)) {
    return MakeError(ErrorCode::kInvalidArgument, Quoted(name) + " cannot name a backup");
  }
  const std::filesystem::path path = directory_ / name;
  // Servers may share the directory, so each store has names of its own.
  const std::filesystem::path unfinished =
      directory_ /
      ("." + name + "." + FormatUuid(store_id_.bytes).substr(0, kStoreDigits) + ".unfinished");
  const bool there = TRY(Exists(path, env_));
  if (there) {
    return MakeError(ErrorCode::kBackupExists, path.string() + " is there already");
  }
  // Left by a backup that a crash ended.
  TRY(RemoveAll(unfinished, env_));
  const auto make = [&]() -> Result<LogTip> {
    LogTip tip = TRY(Copy(unfinished, stop));
    TRY(CheckGoesOn(stop));
    // In one step: whatever has the name is complete.
    TRY(Rename(unfinished, path, env_));
    return tip;
  };
  Result<LogTip> tip = make();
  if (!tip) {
    // The caller must learn of the first error; the next attempt removes the rest.
    static_cast<void>(RemoveAll(unfinished, env_));
    return std::unexpected(std::move(tip.error()));
  }
  TRY(SyncDirectory(directory_, env_));
  const std::uint64_t bytes = TRY(BytesIn(path));
  return BackupReport{.path = path.string(), .tip = *tip, .bytes = bytes};
}

Result<LogTip> StoreBackup::Copy(const std::filesystem::path& path,
                                 const std::atomic<bool>& stop) const {
  TRY(MakePrivateDirectory(path, env_));
  Result<LogTip> tip =
      CopyLog(log_, path / "log", [&stop](GroupNumber) { return CheckGoesOn(stop); }, env_);
  if (!tip) return tip;
  const Watermark watermark{.group = tip->group, .hash = tip->hash};
  TRY(WriteWatermark(path / "WATERMARK", watermark, env_));
  // Last, because with it the directory is a whole backup.
  const StoreFormat format{.state = StoreFormat::State::kBackup, .store_id = store_id_};
  TRY(WriteStoreFormat(path / "FORMAT", format, env_));
  return tip;
}

}  // namespace coupond::storage

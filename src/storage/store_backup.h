#ifndef COUPOND_STORAGE_STORE_BACKUP_H_
#define COUPOND_STORAGE_STORE_BACKUP_H_

#include <filesystem>
#include <memory>

#include "engine/ports/event_log.h"
#include "engine/ports/store_copier.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// Backups of a store, each a directory of its own in one directory.
///
/// A backup is a copy of the log's records, each group of which was checked, with a WATERMARK that
/// names its last group and a FORMAT that says that it is a backup, and without views. It can be
/// read like a data directory, but no server starts on it: the store goes on after the backup, and
/// both would give out the same codes. repair/store_restore.h makes a store of it. RocksDB's
/// Checkpoint is not used: it syncs the live log in a way that can make its next opening fail, and
/// it shares files, and so their bit rot, with the original. Nothing that happens to a backup
/// touches the store.
///
/// An unfinished backup is called .NAME.STORE.unfinished, where STORE is the beginning of the
/// store's id, and has no FORMAT, so that no server starts on it. A crash leaves it behind, and the
/// store's next backup of that name removes it.
class StoreBackup final : public StoreCopier {
 public:
  /// Returns `directory` without links and dots, or the error that Open would return for these two
  /// places. Creates nothing, so that it can be called before there is a store.
  [[nodiscard]] static Result<std::filesystem::path> CheckPlace(
      const std::filesystem::path& directory, const std::filesystem::path& data_directory,
      rocksdb::Env* env = nullptr);

  /// Creates `directory`, durably, if it is missing (its parent must exist). kInvalidArgument: it
  /// lies within `data_directory`. kNotADataDirectory: it is no directory. `log` and `env` (not
  /// owned; null: the system's files), which is used for the copies alone, must outlive the
  /// backups.
  [[nodiscard]] static Result<std::unique_ptr<StoreBackup>> Open(
      const std::filesystem::path& directory, const std::filesystem::path& data_directory,
      const LogReader& log, const StoreId& store_id, rocksdb::Env* env = nullptr);

  [[nodiscard]] Result<BackupReport> CopyTo(const std::string& name,
                                            const std::atomic<bool>& stop) override;

 private:
  StoreBackup(std::filesystem::path directory, const LogReader& log, const StoreId& store_id,
              rocksdb::Env* env);

  /// Creates the backup in `path`, durably except for its entry in the directory.
  [[nodiscard]] Result<LogTip> Copy(const std::filesystem::path& path,
                                    const std::atomic<bool>& stop) const;

  const std::filesystem::path directory_;
  const LogReader& log_;
  const StoreId store_id_;
  rocksdb::Env* const env_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_STORE_BACKUP_H_

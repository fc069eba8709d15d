#ifndef COUPOND_STORAGE_FILES_DATA_DIRECTORY_H_
#define COUPOND_STORAGE_FILES_DATA_DIRECTORY_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "engine/rules/ids.h"
#include "storage/files/env_files.h"
#include "storage/files/store_format.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// The directory that holds a store, locked for this process until destruction.
///
/// A directory is new only if it is empty. A store is created between BeginStore and FinishStore;
/// one that was begun and never finished has acknowledged nothing, and is created again. A store
/// that is made from another one is written between BeginFilling and FinishStore. One thread.
class DataDirectory {
 public:
  /// Opens and locks the directory. Creates it (for the owner alone) if there is none; its parent
  /// must exist. kDataDirectoryInUse, kNotADataDirectory, kIsBackup, kFormatUnsupported,
  /// kLogMissing, kIo, kNoSpace. A directory that is not ours is left as it is, and so is a backup.
  /// `env` (not owned; null: the system's files) is used for all but the lock.
  [[nodiscard]] static Result<DataDirectory> Open(const std::filesystem::path& path,
                                                  rocksdb::Env* env = nullptr);

  /// Opens and locks a directory with a finished store of an older version. Changes nothing but the
  /// file LOCK. kInvalidArgument: the store is of this version. Other errors are those of Open.
  [[nodiscard]] static Result<DataDirectory> OpenOlder(const std::filesystem::path& path);

  /// Opens a directory with a finished store of this version or a backup of one, to make another
  /// store of it. Changes nothing but the file LOCK, and of a backup not even that: it is not
  /// locked, so that it may lie on a read-only disk. kNotADataDirectory: there is neither. Other
  /// errors are those of Open.
  [[nodiscard]] static Result<DataDirectory> OpenFinished(const std::filesystem::path& path);

  /// Opens and locks a directory for a store that is made from another one. Creates it if there is
  /// none, as Open does. kInvalidArgument: something is in it already; the message says whether
  /// that may be what an interruption has left. Other errors are those of Open.
  [[nodiscard]] static Result<DataDirectory> OpenToFill(const std::filesystem::path& path,
                                                        rocksdb::Env* env = nullptr);

  /// Returns the id of the store in the directory, or nullopt if there is none yet.
  [[nodiscard]] const std::optional<StoreId>& store_id() const { return store_id_; }

  /// Removes what an unfinished attempt has left, and records that a store is being created.
  [[nodiscard]] Status BeginStore(const StoreId& id);
  /// Makes `log/`, durably and before anything else, so that no start takes what an interruption
  /// leaves for a new directory.
  [[nodiscard]] Status BeginFilling() const;
  /// Marks the store as complete.
  [[nodiscard]] Status FinishStore(const StoreId& id);
  /// Removes what was written since OpenToFill, and the directory if that created it. Stops at
  /// the first error; the caller has an earlier one to report.
  void DiscardFilling() const;

  /// Locks the directory again if the file LOCK is no longer the one that is locked.
  /// kDataDirectoryInUse: another process has locked it.
  [[nodiscard]] Status Relock();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path lock_path() const { return path_ / "LOCK"; }
  /// Returns the descriptor of the lock's file.
  [[nodiscard]] int lock_descriptor() const { return lock_.number(); }
  [[nodiscard]] std::filesystem::path log_path() const { return path_ / "log"; }
  [[nodiscard]] std::filesystem::path views_path() const { return path_ / "views"; }
  [[nodiscard]] std::filesystem::path watermark_path() const { return path_ / "WATERMARK"; }
  [[nodiscard]] std::filesystem::path format_path() const { return path_ / "FORMAT"; }

 private:
  DataDirectory(std::filesystem::path path, rocksdb::Env* env)
      : path_(std::move(path)), env_(env) {}

  /// Creates the directory if it is missing.
  [[nodiscard]] Status Create();
  /// Makes the directory's entry in its parent durable.
  [[nodiscard]] Status SyncEntry() const;
  [[nodiscard]] Status Lock();
  /// Reports whether LOCK is still the file that is open as `file`.
  [[nodiscard]] bool IsLockFile(const FileDescriptor& file) const;
  /// Refuses a directory that another process has locked. Creates no lock file.
  [[nodiscard]] Status CheckIsFree() const;
  /// Returns what the directory holds, in order, apart from what a new one may hold.
  [[nodiscard]] Result<std::vector<std::string>> ListContents() const;
  /// Refuses a directory without FORMAT that holds anything that this program did not put there,
  /// and a backup.
  [[nodiscard]] Status CheckIsOurs() const;
  /// Refuses a directory that holds anything.
  [[nodiscard]] Status CheckIsEmpty() const;
  [[nodiscard]] Status CheckLogExists() const;
  /// Notes which store is in the directory, and checks that its log is there.
  [[nodiscard]] Status AdoptStore(const StoreFormat& format);

  std::filesystem::path path_;
  rocksdb::Env* env_;
  FileDescriptor lock_;
  bool created_ = false;  ///< by this object
  std::optional<StoreId> store_id_;
};

/// The file log/README, for people (and authors of clean-up jobs) who wonder what the files beside
/// it are. No program reads it.
inline constexpr std::string_view kLogReadmeName = "README";

/// Writes the file if it is missing. A store works without it, so errors are ignored.
void WriteLogReadme(const std::filesystem::path& log, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_DATA_DIRECTORY_H_

#ifndef COUPOND_STORAGE_FILES_DATA_DIRECTORY_H_
#define COUPOND_STORAGE_FILES_DATA_DIRECTORY_H_

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "engine/rules/ids.h"
#include "storage/files/directory.h"
#include "storage/files/file_descriptor.h"
#include "storage/files/store_format.h"

namespace coupond::storage {

/// The directory that holds a store, locked for this process until destruction.
///
/// A directory is new only if it is empty. Making a store is framed by BeginStore and FinishStore;
/// what was begun and not finished had never acknowledged anything, and is begun anew. One thread.
class DataDirectory {
 public:
  /// Makes the directory (for the owner alone) if there is none; its parent must be there.
  /// kDataDirectoryInUse, kNotADataDirectory, kFormatUnsupported, kLogMissing, kIo, kNoSpace. A
  /// directory that is not ours is left as it is. `env` (not owned; null: the system's files) is
  /// used for all but the lock.
  [[nodiscard]] static Result<DataDirectory> Open(const std::filesystem::path& path,
                                                  rocksdb::Env* env = nullptr);

  /// The id of the finished store in here, or nothing: there is none yet.
  [[nodiscard]] const std::optional<StoreId>& store_id() const { return store_id_; }

  /// Removes what an unfinished attempt has left and notes that a store is being made.
  [[nodiscard]] Status BeginStore(const StoreId& id);
  /// From now on the store counts.
  [[nodiscard]] Status FinishStore(const StoreId& id);

  /// Takes the lock again if the file LOCK is no longer the one that is locked.
  /// kDataDirectoryInUse: another process has it.
  [[nodiscard]] Status Relock();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path lock_path() const { return path_ / "LOCK"; }
  /// The lock's file, which is open.
  [[nodiscard]] int lock_descriptor() const { return lock_.number(); }
  [[nodiscard]] std::filesystem::path log_path() const { return path_ / "log"; }
  [[nodiscard]] std::filesystem::path views_path() const { return path_ / "views"; }
  [[nodiscard]] std::filesystem::path watermark_path() const { return path_ / "WATERMARK"; }
  [[nodiscard]] std::filesystem::path format_path() const { return path_ / "FORMAT"; }

 private:
  DataDirectory(std::filesystem::path path, rocksdb::Env* env)
      : path_(std::move(path)), env_(env) {}

  [[nodiscard]] Status Create() const;
  /// Makes it durable that there is this directory.
  [[nodiscard]] Status SyncEntry() const;
  [[nodiscard]] Status Lock();
  /// Refuses a directory without FORMAT that holds anything which this program did not put there.
  [[nodiscard]] Status CheckIsOurs() const;

  std::filesystem::path path_;
  rocksdb::Env* env_;
  FileDescriptor lock_;
  std::optional<StoreId> store_id_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_DATA_DIRECTORY_H_

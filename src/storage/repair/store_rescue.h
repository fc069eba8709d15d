#ifndef COUPOND_STORAGE_REPAIR_STORE_RESCUE_H_
#define COUPOND_STORAGE_REPAIR_STORE_RESCUE_H_

#include <filesystem>
#include <functional>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/files/data_directory.h"
#include "storage/files/file_guard.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// The outcome of a rescue.
struct Rescued {
  LogTip tip;                         ///< the last group that the store has
  std::filesystem::path directory;    ///< where the store is now
  bool log_is_new = false;            ///< whether it was rewritten from memory and open files
  std::filesystem::path removed_log;  ///< the remains of the old one; empty if there are none
};

/// Called now and then with the number of groups that have been saved.
using RescueProgress = std::function<void(GroupNumber done, GroupNumber last)>;

/// Restores a data directory while the process that lost a file of it is still running.
///
/// Everything up to the log's tip is in memory or in open files, so the whole log can still be
/// read. It is checked and copied to a new log, which replaces the old one in one step; FORMAT,
/// WATERMARK and LOCK are restored. The next start finds a sound store. The remains of the old log
/// are kept.
///
/// The store is restored where the data directory is now, even if that was renamed. A
/// deleted directory is created again; if another process uses it, or something else has its name,
/// the store is saved beside it. One thread. Call it only when the guard is sealed and nothing
/// appends.
class StoreRescue {
 public:
  /// All arguments must outlive the rescue. `env` (null: the system's files) must not be the
  /// guarded one.
  StoreRescue(DataDirectory& directory, FileGuard& guard, const LogReader& log,
              const StoreId& store_id, rocksdb::Env* env);

  /// Restores the store. May be called again after an error: kNoSpace, kIo, or one of reading the
  /// log. kDataDirectoryInUse means that another process has the directory, with an intact log.
  [[nodiscard]] Result<Rescued> Run(const Clock& clock, const RescueProgress& progress);

 private:
  struct Place {
    std::filesystem::path directory;
    bool log_is_whole = false;
  };

  [[nodiscard]] Result<Place> FindPlace(const Clock& clock);
  /// Returns the same directory, after locking it again.
  [[nodiscard]] Result<Place> InPlace(const Clock& clock);
  [[nodiscard]] Result<Place> Beside(const Clock& clock) const;
  [[nodiscard]] bool LogIsWhole() const;
  [[nodiscard]] Status LockAgain();
  [[nodiscard]] Status SaveLog(const std::filesystem::path& unfinished,
                               const RescueProgress& progress) const;
  /// Puts the new log in the place of the old one. Returns where the old one is now; empty if there
  /// was none.
  [[nodiscard]] Result<std::filesystem::path> SwapLog(const std::filesystem::path& home,
                                                      const std::filesystem::path& unfinished,
                                                      const Clock& clock) const;
  [[nodiscard]] Status PutBackSmallFiles(const std::filesystem::path& home) const;

  DataDirectory& directory_;
  FileGuard& guard_;
  const LogReader& log_;
  const StoreId store_id_;
  rocksdb::Env* const env_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_STORE_RESCUE_H_

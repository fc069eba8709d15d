#ifndef COUPOND_STORAGE_STORE_RESCUE_H_
#define COUPOND_STORAGE_STORE_RESCUE_H_

#include <filesystem>
#include <functional>

#include "engine/ports/clock.h"
#include "engine/ports/commit_group.h"
#include "engine/ports/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/data_directory.h"
#include "storage/file_guard.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// What became of a store after a file of it was lost.
struct Rescued {
  LogTip tip;                         ///< the last group that the store has
  std::filesystem::path directory;    ///< where the store is now
  bool log_is_new = false;            ///< it was written from what the process still held
  std::filesystem::path removed_log;  ///< what was left of the old one; empty: nothing
};

/// Told now and then how many groups have been saved.
using RescueProgress = std::function<void(GroupNumber done, GroupNumber last)>;

/// Makes a data directory whole again while the process that lost a file of it still lives.
///
/// Everything up to the log's tip is in memory or in files that are held open, so the whole log can
/// be read, is checked on the way, and is written to a new one, which takes the place of the old in
/// one step; FORMAT, WATERMARK and the lock are put back. The next start goes on as if nothing had
/// been. What is left of the old log is kept.
///
/// The place is where the data directory is now: it may have been renamed. If it was deleted, it is
/// made again; if another process has it, or something else has its name, the store is saved beside
/// it. One thread; the guard is sealed, and nobody appends any more.
class StoreRescue {
 public:
  /// All of them must outlive the rescue. `env` (null: the system's files) is not the guarded one.
  StoreRescue(DataDirectory& directory, FileGuard& guard, const EventLog& log,
              const StoreId& store_id, rocksdb::Env* env);

  /// May be tried again after an error: kNoSpace, kIo, those of reading the log.
  /// kDataDirectoryInUse: another process has the directory, and its log is whole.
  [[nodiscard]] Result<Rescued> Run(const Clock& clock, const RescueProgress& progress);

 private:
  struct Place {
    std::filesystem::path directory;
    bool log_is_whole = false;
  };

  [[nodiscard]] Result<Place> FindPlace(const Clock& clock);
  /// The same directory, which this process must have locked.
  [[nodiscard]] Result<Place> InPlace(const Clock& clock);
  [[nodiscard]] Result<Place> Beside(const Clock& clock) const;
  [[nodiscard]] bool LogIsWhole() const;
  [[nodiscard]] Status LockAgain();
  [[nodiscard]] Status SaveLog(const std::filesystem::path& unfinished,
                               const RescueProgress& progress) const;
  /// The new log takes the place of the old one. Returns where that is now; empty: there was none.
  [[nodiscard]] Result<std::filesystem::path> SwapLog(const std::filesystem::path& home,
                                                      const std::filesystem::path& unfinished,
                                                      const Clock& clock) const;
  [[nodiscard]] Status PutBackSmallFiles(const std::filesystem::path& home) const;

  DataDirectory& directory_;
  FileGuard& guard_;
  const EventLog& log_;
  const StoreId store_id_;
  rocksdb::Env* const env_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_STORE_RESCUE_H_

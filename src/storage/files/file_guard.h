#ifndef COUPOND_STORAGE_FILES_FILE_GUARD_H_
#define COUPOND_STORAGE_FILES_FILE_GUARD_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "storage/files/guarded_file.h"

namespace coupond::storage {

/// A file of the store that another program has touched.
struct FileLoss {
  std::filesystem::path path;
  std::string what;  ///< what happened to it: "was deleted", "was shortened from 812 to 0 bytes"

  friend bool operator==(const FileLoss&, const FileLoss&) = default;
};

/// Watches the files of a store while it is in use, and notices when another program deletes,
/// moves, replaces or shortens one.
///
/// A log that is written to a deleted file works perfectly until the process ends. So the guard
/// knows each file of the data directory, and checks them every kInterval on a thread of its own.
/// Once one is lost, the guard is sealed: guarded_env.h refuses every change outside views/, so
/// the store acknowledges nothing more. Lost views only cost a rebuild, and are reported without
/// sealing.
///
/// Everything that the store does to its own files goes through guarded_env.h, which informs the
/// guard. Any thread may call any function, except Start and Stop, which are the owner's.
class FileGuard {
 public:
  static constexpr std::chrono::milliseconds kInterval{50};
  /// How many files of the log are held open at most, besides the few that the
  /// store itself writes and that are no tables: only an open file tells before a write that it was
  /// shortened. Tables beyond that are watched too, but what they hold goes with their name.
  static constexpr std::size_t kHeldOpenMax = 128;
  /// The most files that are checked in one interval, besides those being written. 1,000 tables are
  /// 64 GB of log; a larger store is checked in turns.
  static constexpr std::size_t kLooksMax = 1'000;

  /// Called once, on the thread that noticed, with at least one loss. Must not call Stop.
  using OnLoss = std::function<void(const std::vector<FileLoss>& losses)>;

  explicit FileGuard(const std::filesystem::path& data_directory);
  ~FileGuard();
  FileGuard(const FileGuard&) = delete;
  FileGuard& operator=(const FileGuard&) = delete;

  /// Begins to watch; nothing is noticed before. `on_views_lost` is called at most once as well,
  /// and the store goes on.
  void Start(OnLoss on_loss, OnLoss on_views_lost);
  /// Ends the thread. A second call does nothing.
  void Stop();

  /// Checks the files now and handles any loss. Returns whether the guard is sealed.
  bool Look();
  /// Handles a loss that was found in passing. Returns whether writes to that file are now refused;
  /// then the caller must not carry out what it was about to do.
  [[nodiscard]] bool Report(FileLoss loss);

  [[nodiscard]] bool sealed() const { return sealed_.load(std::memory_order_acquire); }
  /// Returns the losses that sealed the guard; empty if it is not sealed.
  [[nodiscard]] std::vector<FileLoss> losses() const;
  /// Returns all losses there are now, views included. Changes nothing.
  [[nodiscard]] std::vector<FileLoss> FindAll() const;

  /// Starts to watch a file as it is now, or the presence of a directory. Does nothing if the path
  /// is already watched or does not exist.
  void Adopt(const std::filesystem::path& path);
  void Adopt(const std::filesystem::path& path, int descriptor);
  /// Starts to watch all files in the directory that belong to its database.
  void AdoptDatabase(const std::filesystem::path& directory);

  /// Returns the file that the store knows by that name, or nullptr.
  [[nodiscard]] std::shared_ptr<const GuardedFile> At(const std::filesystem::path& path) const;

  /// Reports whether `file` is what the store knows by that name.
  [[nodiscard]] bool IsKnownAs(const std::filesystem::path& path, const GuardedFile& file) const;

  /// Reports whether the guard refuses writes there.
  [[nodiscard]] bool Refuses(const std::filesystem::path& path) const {
    return sealed() && !IsOfViews(path);
  }
  /// Waits until no change of names is in progress. A sealed guard permits no further ones.
  void AwaitChanges();

  /// A change of names by the store itself, from just before it until the guard knows of it. The
  /// names are not watched meanwhile.
  class Change {
   public:
    Change(FileGuard& guard, std::initializer_list<std::string_view> names);
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

    /// Reports whether the change must not be made.
    [[nodiscard]] bool refused() const { return refused_; }
    /// Returns the file known by the first name until now, or nullptr.
    [[nodiscard]] const std::shared_ptr<GuardedFile>& first() const { return first_; }
    /// Records that from now on `file` belongs at `name`, one of the names.
    void Keep(std::string_view name, std::shared_ptr<GuardedFile> file);

   private:
    FileGuard& guard_;
    std::vector<std::filesystem::path> names_;
    std::shared_ptr<GuardedFile> first_;
    bool refused_ = false;
  };

  /// Returns the file that the store has just created there and is about to write.
  [[nodiscard]] std::shared_ptr<GuardedFile> FindNew(const std::filesystem::path& path) const;

  [[nodiscard]] const std::filesystem::path& data_directory() const { return data_directory_; }

 private:
  struct Entry {
    std::shared_ptr<GuardedFile> file;
    std::uint64_t number = 0;  ///< unique; tells whether an entry was replaced
  };
  using Table = std::map<std::filesystem::path, Entry>;
  using Snapshot = std::vector<std::pair<std::filesystem::path, Entry>>;

  [[nodiscard]] bool IsOfViews(const std::filesystem::path& path) const;
  [[nodiscard]] bool IsOfLog(const std::filesystem::path& path) const;
  /// Reports whether one more file may be held open. The caller holds the lock.
  [[nodiscard]] bool MayHoldOpen(const std::filesystem::path& path) const;
  void AdoptLocked(const std::filesystem::path& path, std::shared_ptr<GuardedFile> file);
  /// Returns what to check next: all growing files, and at most `closed_max` of the others.
  [[nodiscard]] Snapshot Next(std::size_t closed_max, std::filesystem::path& from) const;
  [[nodiscard]] std::vector<FileLoss> Check(const Snapshot& snapshot) const;
  void Act(std::vector<FileLoss> losses);
  void Run();

  const std::filesystem::path data_directory_;
  const std::string log_prefix_;
  const std::string views_prefix_;

  mutable std::mutex mutex_;
  Table files_;
  std::multiset<std::filesystem::path> changing_;
  std::uint64_t next_number_ = 0;
  std::vector<FileLoss> losses_;
  bool views_lost_ = false;
  bool stopping_ = false;
  std::condition_variable changed_;

  std::atomic<bool> started_ = false;
  std::atomic<bool> sealed_ = false;
  OnLoss on_loss_;
  OnLoss on_views_lost_;
  std::filesystem::path look_from_;  // where the next look begins; guarded by look_mutex_
  std::mutex look_mutex_;
  std::thread thread_;
};

/// Describes the losses: "/data/log/000007.log was deleted, and 3 more files were changed".
[[nodiscard]] std::string Describe(const std::vector<FileLoss>& losses);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_FILE_GUARD_H_

#ifndef COUPOND_STORAGE_FILE_GUARD_H_
#define COUPOND_STORAGE_FILE_GUARD_H_

#include <sys/stat.h>

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

#include "engine/ports/error.h"
#include "storage/file_descriptor.h"

namespace coupond::storage {

/// What somebody else did to a file of the store.
struct FileLoss {
  std::filesystem::path path;
  std::string what;  ///< "was deleted", "was shortened from 812 to 0 bytes"

  friend bool operator==(const FileLoss&, const FileLoss&) = default;
};

/// One file as the store has left it: which one it is, and how long.
///
/// The thread that writes the file calls Grew, ShrankTo, GrowsNoMore and Unsure; Problem may be
/// called by any.
class GuardedFile {
 public:
  /// The file that `path` names now, nullptr if there is none. If `keep_open`, it is held open, so
  /// that its contents survive its name.
  [[nodiscard]] static std::shared_ptr<GuardedFile> Find(const std::filesystem::path& path,
                                                         bool keep_open);
  /// The file behind an open descriptor, of which this keeps a duplicate.
  [[nodiscard]] static std::shared_ptr<GuardedFile> Of(int descriptor);

  /// A file that is being written is at least as long as what was written; any other has exactly
  /// that length.
  void Grows() { growing_ = true; }
  void Grew(std::string_view bytes);
  void ShrankTo(std::uint64_t size) { size_ = size; }
  void GrowsNoMore() { growing_ = false; }
  /// A write failed, so nobody knows the file's length.
  void Unsure() { sure_ = false; }

  /// What is wrong with the file at `path`; nullopt: it is this file, whole as far as its length
  /// and its beginning tell.
  [[nodiscard]] std::optional<std::string> Problem(const std::filesystem::path& path) const;
  /// The same without looking at the name, so for a third of the cost: whether the file was
  /// shortened.
  [[nodiscard]] std::optional<std::string> Shortened() const;

  /// Negative: it is not held open.
  [[nodiscard]] int descriptor() const { return file_.number(); }
  [[nodiscard]] bool growing() const { return growing_; }
  [[nodiscard]] bool is_directory() const { return is_directory_; }
  /// Whether `path` names this file now.
  [[nodiscard]] bool IsAt(const std::filesystem::path& path) const;
  /// Whether the file has no name left. Only of one that is held open.
  [[nodiscard]] bool Deleted() const;

 private:
  GuardedFile(FileDescriptor file, const struct stat& found);

  [[nodiscard]] std::optional<std::string> WrongLength(std::uint64_t expected,
                                                       const struct stat& found) const;
  [[nodiscard]] bool BeginsAsWritten() const;

  /// Enough to tell a file from zeros, and from another one of its kind.
  static constexpr std::size_t kHeadBytes = 64;

  const FileDescriptor file_;
  const dev_t device_;
  const ino_t inode_;
  const bool is_directory_;
  std::atomic<std::uint64_t> size_;
  std::atomic<bool> growing_ = false;
  std::atomic<bool> sure_ = true;
  std::string head_;  // written before head_size_, and never again
  std::atomic<std::size_t> head_size_ = 0;
};

/// Watches over the files of a store while it is in use: that each one is still the file which the
/// store left there.
///
/// A log that goes on in a file whose name is gone looks perfect until the process ends. So the
/// guard knows each file of the data directory, and looks at them every kInterval on a thread of
/// its own. Once one is lost, it is sealed: the store changes nothing outside views/ any more
/// (guarded_files.h refuses it), and so acknowledges nothing. Lost views only cost a rebuild, and
/// are reported without sealing.
///
/// Whatever the store does to its own files goes through guarded_files.h, which tells the guard.
/// Any thread, except for Start and Stop, which are the owner's.
class FileGuard {
 public:
  static constexpr std::chrono::milliseconds kInterval{50};
  /// How many files of the log are held open at most (see open_files.h), besides the few that the
  /// store itself writes and that are no tables: only an open file tells before a write that it was
  /// shortened. Tables beyond that are watched too, but what they hold goes with their name.
  static constexpr std::size_t kHeldOpenMax = 128;
  /// How many files that are not being written are looked at in one interval. 1,000 tables are
  /// 64 GB of log; a store with more of them is looked through in turns.
  static constexpr std::size_t kLooksMax = 1'000;

  /// Called once, on the thread that noticed, with at least one loss. Must not call Stop.
  using OnLoss = std::function<void(const std::vector<FileLoss>& losses)>;

  explicit FileGuard(const std::filesystem::path& data_directory);
  ~FileGuard();
  FileGuard(const FileGuard&) = delete;
  FileGuard& operator=(const FileGuard&) = delete;

  /// Begins to watch: nothing is noticed before. `on_views_lost` is called once, too, and the store
  /// goes on.
  void Start(OnLoss on_loss, OnLoss on_views_lost);
  /// Ends the thread. Doing it twice is fine.
  void Stop();

  /// Looks at all files now, and does what there is to do about a loss. Returns whether the guard
  /// is sealed.
  bool Look();
  /// Reports a loss that was found in passing. If it returns true, what was about to be done must
  /// not be: the guard watches, and the file matters.
  [[nodiscard]] bool Report(FileLoss loss);

  [[nodiscard]] bool sealed() const { return sealed_.load(std::memory_order_acquire); }
  /// What sealed it; empty: it is not.
  [[nodiscard]] std::vector<FileLoss> losses() const;
  /// Everything that is wrong now, views included. Changes nothing.
  [[nodiscard]] std::vector<FileLoss> FindAll() const;

  /// Watches a file, or a directory's being there, as it is now. One that is watched already, or is
  /// not there, is left alone.
  void Adopt(const std::filesystem::path& path);
  void Adopt(const std::filesystem::path& path, int descriptor);
  /// Watches all files in the directory that belong to its database.
  void AdoptDatabase(const std::filesystem::path& directory);

  /// The file that the store knows by that name; nullptr: none.
  [[nodiscard]] std::shared_ptr<const GuardedFile> At(const std::filesystem::path& path) const;

  /// Whether `file` is what the store knows by that name.
  [[nodiscard]] bool IsKnownAs(const std::filesystem::path& path, const GuardedFile& file) const;

  /// Whether the guard refuses that anything be written there.
  [[nodiscard]] bool Refuses(const std::filesystem::path& path) const {
    return sealed() && !IsOfViews(path);
  }
  /// Waits until no change of names is under way. After that a sealed guard lets none happen.
  void AwaitChanges();

  /// A change of names by the store itself: from just before until the guard knows of it. What is
  /// there under these names is not watched meanwhile.
  class Change {
   public:
    Change(FileGuard& guard, std::initializer_list<std::string_view> names);
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

    /// The change must not be made.
    [[nodiscard]] bool refused() const { return refused_; }
    /// What was known by the first name until now; nullptr: nothing.
    [[nodiscard]] const std::shared_ptr<GuardedFile>& first() const { return first_; }
    /// From now on `file` is what belongs at `name`, one of the names.
    void Keep(std::string_view name, std::shared_ptr<GuardedFile> file);

   private:
    FileGuard& guard_;
    std::vector<std::filesystem::path> names_;
    std::shared_ptr<GuardedFile> first_;
    bool refused_ = false;
  };

  /// The file that the store has just made there and begins to write.
  [[nodiscard]] std::shared_ptr<GuardedFile> FindNew(const std::filesystem::path& path) const;

  [[nodiscard]] const std::filesystem::path& data_directory() const { return data_directory_; }

 private:
  struct Entry {
    std::shared_ptr<GuardedFile> file;
    std::uint64_t number = 0;  ///< no two are alike
  };
  using Table = std::map<std::filesystem::path, Entry>;
  using Snapshot = std::vector<std::pair<std::filesystem::path, Entry>>;

  [[nodiscard]] bool IsOfViews(const std::filesystem::path& path) const;
  [[nodiscard]] bool IsOfLog(const std::filesystem::path& path) const;
  /// Whether one more file may be held open. The lock is held.
  [[nodiscard]] bool MayHoldOpen(const std::filesystem::path& path) const;
  void AdoptLocked(const std::filesystem::path& path, std::shared_ptr<GuardedFile> file);
  /// What to look at next: at most `closed_max` of the files that are not growing.
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
  std::filesystem::path look_from_;  // of the thread, and of Look
  std::mutex look_mutex_;
  std::thread thread_;
};

/// "/data/log/000007.log was deleted, and 3 other files are not what they were".
[[nodiscard]] std::string Describe(const std::vector<FileLoss>& losses);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILE_GUARD_H_

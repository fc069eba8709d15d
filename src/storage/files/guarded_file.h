#ifndef COUPOND_STORAGE_FILES_GUARDED_FILE_H_
#define COUPOND_STORAGE_FILES_GUARDED_FILE_H_

#include <sys/stat.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace coupond::storage {

/// A file of the store as the store left it: its identity and its length.
///
/// Only the thread that writes the file calls Grows, Grew, ShrankTo, GrowsNoMore and Unsure. Any
/// thread may call the other functions.
class GuardedFile {
 public:
  /// Returns the file that `path` names now, or nullptr if there is none. If `keep_open`, holds it
  /// open, so that its contents survive its name.
  [[nodiscard]] static std::shared_ptr<GuardedFile> Find(const std::filesystem::path& path,
                                                         bool keep_open);
  /// Returns the file behind an open descriptor, and keeps a duplicate of the descriptor.
  [[nodiscard]] static std::shared_ptr<GuardedFile> Of(int descriptor);

  /// Marks the file as being written. Until GrowsNoMore it is expected to be at least as long as
  /// what was written; any other file has exactly that length.
  void Grows() { growing_ = true; }
  void Grew(std::string_view bytes);
  void ShrankTo(std::uint64_t size) { size_ = size; }
  void GrowsNoMore() { growing_ = false; }
  /// Records that a write failed, so that the file's length is unknown.
  void Unsure() { sure_ = false; }

  /// Returns what happened to the file at `path`, or nullopt if it is this file, and intact as far
  /// as its length and its first bytes tell.
  [[nodiscard]] std::optional<std::string> Problem(const std::filesystem::path& path) const;
  /// Checks only whether the file was shortened, without looking up its name, which is cheaper.
  /// Returns what happened, or nullopt.
  [[nodiscard]] std::optional<std::string> Shortened() const;

  /// Returns the descriptor, negative if the file is not held open.
  [[nodiscard]] int descriptor() const { return file_.number(); }
  [[nodiscard]] bool growing() const { return growing_; }
  [[nodiscard]] bool is_directory() const { return is_directory_; }
  /// Reports whether `path` names this file now.
  [[nodiscard]] bool IsAt(const std::filesystem::path& path) const;
  /// Reports whether the file has no name left. Call it only for a file that is held open.
  [[nodiscard]] bool Deleted() const;

 private:
  GuardedFile(FileDescriptor file, const struct stat& found);

  [[nodiscard]] std::optional<std::string> WrongLength(std::uint64_t expected,
                                                       const struct stat& found) const;
  [[nodiscard]] bool BeginsAsWritten() const;

  /// Enough bytes to tell a file from zeros and from another file of its kind.
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

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_GUARDED_FILE_H_

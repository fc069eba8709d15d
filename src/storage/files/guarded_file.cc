#include "storage/files/guarded_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace coupond::storage {
namespace {

/// Reports whether a look-up failed because the file is gone, and not for a passing reason.
bool IsGone(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP ||
         error_number == ESTALE;
}

}  // namespace

GuardedFile::GuardedFile(FileDescriptor file, const struct stat& found)
    : file_(std::move(file)),
      device_(found.st_dev),
      inode_(found.st_ino),
      is_directory_(S_ISDIR(found.st_mode)),
      size_(is_directory_ ? 0 : static_cast<std::uint64_t>(found.st_size)) {}

std::shared_ptr<GuardedFile> GuardedFile::Find(const std::filesystem::path& path, bool keep_open) {
  struct stat found{};
  if (keep_open) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.valid() && ::fstat(file.number(), &found) == 0) {
      return std::shared_ptr<GuardedFile>(new GuardedFile(std::move(file), found));
    }
  }
  if (::stat(path.c_str(), &found) != 0) return nullptr;
  return std::shared_ptr<GuardedFile>(new GuardedFile(FileDescriptor(), found));
}

std::shared_ptr<GuardedFile> GuardedFile::Of(int descriptor) {
  FileDescriptor file(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  struct stat found{};
  if (!file.valid() || ::fstat(file.number(), &found) != 0) return nullptr;
  return std::shared_ptr<GuardedFile>(new GuardedFile(std::move(file), found));
}

void GuardedFile::Grew(std::string_view bytes) {
  if (head_size_.load(std::memory_order_relaxed) == 0) {
    head_ += bytes.substr(0, kHeadBytes - head_.size());
    if (head_.size() == kHeadBytes) head_size_.store(kHeadBytes, std::memory_order_release);
  }
  size_ += bytes.size();
}

std::optional<std::string> GuardedFile::Problem(const std::filesystem::path& path) const {
  // In this order: a file that grows meanwhile is longer than expected, never shorter.
  const bool growing = growing_;
  const std::uint64_t expected = size_;
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    if (!IsGone(errno)) return std::nullopt;
    if (file_.valid() && !Deleted()) return "was renamed or moved away";
    return file_.valid() ? "was deleted" : "was deleted or moved away";
  }
  if (found.st_dev != device_ || found.st_ino != inode_) return "was replaced by another file";
  if (is_directory_ || !sure_) return std::nullopt;
  const bool wrong = growing ? static_cast<std::uint64_t>(found.st_size) < expected
                             : static_cast<std::uint64_t>(found.st_size) != expected;
  if (wrong) return WrongLength(expected, found);
  if (!BeginsAsWritten()) return "was emptied or overwritten";
  return std::nullopt;
}

std::optional<std::string> GuardedFile::Shortened() const {
  const std::uint64_t expected = size_;
  struct stat found{};
  if (!file_.valid() || !sure_ || ::fstat(file_.number(), &found) != 0) return std::nullopt;
  if (static_cast<std::uint64_t>(found.st_size) >= expected) return std::nullopt;
  return WrongLength(expected, found);
}

std::optional<std::string> GuardedFile::WrongLength(std::uint64_t expected,
                                                    const struct stat& found) const {
  const auto size = static_cast<std::uint64_t>(found.st_size);
  return (size < expected ? "was shortened from " : "was lengthened from ") +
         std::to_string(expected) + " to " + std::to_string(size) + " bytes";
}

bool GuardedFile::BeginsAsWritten() const {
  const std::size_t size = head_size_.load(std::memory_order_acquire);
  if (size == 0 || !file_.valid()) return true;
  std::array<char, kHeadBytes> head{};
  const ssize_t got = ::pread(file_.number(), head.data(), size, 0);
  // A disk error is not another program's doing.
  return got < 0 || std::string_view(head.data(), static_cast<std::size_t>(got)) == head_;
}

bool GuardedFile::IsAt(const std::filesystem::path& path) const {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

bool GuardedFile::Deleted() const {
  struct stat found{};
  return ::fstat(file_.number(), &found) == 0 && found.st_nlink == 0;
}

}  // namespace coupond::storage

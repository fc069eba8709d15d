#include "couponctl/commands/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"

namespace coupond::ctl {
namespace {

constexpr mode_t kReadAndWrite = 0666;

std::unexpected<std::string> ExistsAlready(const std::string& path) {
  return std::unexpected(path + " exists already; give another name, or --force to replace it");
}

/// Returns what errno says of the file.
std::unexpected<std::string> CannotWrite(const std::string& path) {
  if (errno == EEXIST) return ExistsAlready(path);
  return std::unexpected(
      fmt::format("cannot write {}: {}", path, std::generic_category().message(errno)));
}

std::expected<void, std::string> ExpectFree(const std::string& path, PartFile::IfThere if_there) {
  struct stat there{};
  if (lstat(path.c_str(), &there) != 0) return {};
  if (!S_ISREG(there.st_mode)) {
    return std::unexpected(path +
                           " is not a regular file; give another name, or - for standard output");
  }
  if (if_there == PartFile::IfThere::kRefuse) return ExistsAlready(path);
  return {};
}

/// Returns the permissions that a new file has by default.
mode_t DefaultMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return kReadAndWrite & ~mask;
}

/// Returns the directory of a file with a slash; empty of one in the working directory.
std::string DirectoryOf(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

/// Returns a path to an open file, whether or not it has a name.
std::string PathOf(const FileDescriptor& file) {
  return fmt::format("/proc/self/fd/{}", file.number());
}

/// Gives a file without a name this one. Leaves a file that has the name, and reports EEXIST.
bool Link(const FileDescriptor& file, const std::string& path) {
  return linkat(AT_FDCWD, PathOf(file).c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

}  // namespace

std::expected<PartFile, std::string> PartFile::Open(const std::string& path, IfThere if_there,
                                                    Meanwhile meanwhile) {
  TRY(ExpectFree(path, if_there));
  if (meanwhile == Meanwhile::kNamed) return OpenNamed(path, if_there);
  const std::string directory = DirectoryOf(path);
  FileDescriptor file(open(directory.empty() ? "." : directory.c_str(),
                           O_TMPFILE | O_WRONLY | O_CLOEXEC, kReadAndWrite));
  if (file.valid()) {
    const bool can_be_named = ::access(PathOf(file).c_str(), F_OK) == 0;
    return can_be_named ? PartFile(path, if_there, {}, std::move(file)) : OpenNamed(path, if_there);
  }
  // Old kernels say EISDIR or ENOENT.
  const bool unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT;
  if (!unknown) return CannotWrite(path);
  return OpenNamed(path, if_there);
}

std::expected<PartFile, std::string> PartFile::OpenNamed(const std::string& path,
                                                         IfThere if_there) {
  std::string part = path + ".part.XXXXXX";
  FileDescriptor file(mkostemp(part.data(), O_CLOEXEC));
  if (!file.valid()) return CannotWrite(path);
  PartFile opened(path, if_there, std::move(part), std::move(file));
  if (fchmod(opened.file_.number(), DefaultMode()) != 0) return CannotWrite(path);
  return opened;
}

PartFile::~PartFile() {
  if (file_.valid() && !part_.empty()) unlink(part_.c_str());
}

std::expected<void, std::string> PartFile::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(file_.number(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotWrite(path_);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

std::expected<void, std::string> PartFile::Complete() {
  if (fsync(file_.number()) != 0) return CannotWrite(path_);
  TRY(ExpectFree(path_, if_there_));
  if (part_.empty() && if_there_ == IfThere::kRefuse) {
    if (!Link(file_, path_)) return CannotWrite(path_);
  } else {
    if (part_.empty()) TRY(GivePartName());
    if (!RenamePart()) return CannotWrite(path_);
  }
  file_.Close();
  return {};
}

// A link replaces nothing, so a file that is to replace another needs a name of its own first.
std::expected<void, std::string> PartFile::GivePartName() {
  constexpr int kNamesMax = 100;
  for (int i = 0; i < kNamesMax; ++i) {
    std::string name = fmt::format("{}.couponctl-{}-{}", DirectoryOf(path_), getpid(), i);
    if (Link(file_, name)) {
      part_ = std::move(name);
      return {};
    }
    if (errno != EEXIST) return CannotWrite(path_);
  }
  return std::unexpected(
      fmt::format("cannot write {}: {}.couponctl-{}-0 to -{} exist already; remove them", path_,
                  DirectoryOf(path_), getpid(), kNamesMax - 1));
}

// Sets errno if it fails.
bool PartFile::RenamePart() const {
  if (if_there_ == IfThere::kReplace) return std::rename(part_.c_str(), path_.c_str()) == 0;
  if (renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
    return true;
  }
  if (errno != EINVAL && errno != ENOSYS) return false;
  // The file system cannot rename so, but a link replaces nothing either.
  if (link(part_.c_str(), path_.c_str()) != 0) return false;
  unlink(part_.c_str());
  return true;
}

}  // namespace coupond::ctl

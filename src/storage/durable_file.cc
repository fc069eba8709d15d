#include "storage/durable_file.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "storage/file_descriptor.h"

namespace coupond::storage {
namespace {

int WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

std::unexpected<Error> SystemError(std::string_view action, const std::filesystem::path& path,
                                   int error_number) {
  const ErrorCode code =
      error_number == ENOSPC || error_number == EDQUOT ? ErrorCode::kNoSpace : ErrorCode::kIo;
  return MakeError(code, "cannot " + std::string(action) + " " + path.string() + ": " +
                             std::generic_category().message(error_number));
}

Status SyncDirectory(const std::filesystem::path& directory) {
  const FileDescriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return SystemError("open", directory, errno);
  if (::fsync(opened.number()) != 0) return SystemError("sync", directory, errno);
  return {};
}

Status ReplaceFile(const std::filesystem::path& file, std::string_view contents) {
  std::filesystem::path unfinished = file;
  unfinished += kUnfinishedSuffix;
  {
    // Only the owner may read: some of the files beside these hold secrets, and none is for others.
    const FileDescriptor opened(
        ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!opened.valid()) return SystemError("create", unfinished, errno);
    if (const int error = WriteAll(opened.number(), contents); error != 0) {
      return SystemError("write", unfinished, error);
    }
    if (::fsync(opened.number()) != 0) return SystemError("sync", unfinished, errno);
  }
  if (::rename(unfinished.c_str(), file.c_str()) != 0) return SystemError("replace", file, errno);
  return SyncDirectory(file.parent_path());
}

Result<std::optional<std::string>> ReadSmallFile(const std::filesystem::path& file) {
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.valid()) {
    if (errno == ENOENT) return std::nullopt;
    return SystemError("open", file, errno);
  }
  std::string contents(kSmallFileMaxBytes + 1, '\0');
  std::size_t size = 0;
  while (size < contents.size()) {
    const ssize_t got = ::read(opened.number(), contents.data() + size, contents.size() - size);
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError("read", file, errno);
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  contents.resize(size);
  return contents;
}

}  // namespace coupond::storage

#include "storage/repair/removed_parts.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <optional>
#include <string>

#include "storage/files/directory.h"
#include "storage/files/durable_file.h"

namespace coupond::storage {
namespace {

constexpr int kRemovedNamesMax = 100;

/// "20260101T020000Z"
std::string CompactTime(Timestamp time) {
  const std::time_t seconds = time.unix_nanoseconds() / 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return {text.data(), size};
}

}  // namespace

Result<std::filesystem::path> RemovedName(const std::filesystem::path& data_directory,
                                          const Clock& clock) {
  const std::string name = "removed-" + CompactTime(clock.Now());
  std::filesystem::path path;
  for (int i = 1; i <= kRemovedNamesMax; ++i) {
    path = data_directory / (i == 1 ? name : name + "-" + std::to_string(i));
    const bool taken = TRY(Exists(path));
    if (!taken) break;
  }
  return path;
}

Status ExchangeDirectories(const std::filesystem::path& one, const std::filesystem::path& other) {
  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS && errno != EXDEV) {
    return SystemError("exchange with the new log", other, errno);
  }
  return MakeError(ErrorCode::kIo,
                   "the file system of " + other.string() +
                       " cannot exchange two directories in one step; copy the data directory to "
                       "one that can (ext4, XFS, Btrfs, tmpfs), and repair it there");
}

Status KeepFile(const std::filesystem::path& file, const std::filesystem::path& directory) {
  const std::optional<std::string> contents = TRY(ReadSmallFile(file));
  if (!contents) return {};
  return ReplaceFile(directory / file.filename(), *contents);
}

Status KeepTails(const std::vector<LeftOut>& tails, const std::filesystem::path& directory) {
  for (const LeftOut& tail : tails) {
    TRY(MakePrivateDirectory(directory));
    std::string bytes(tail.bytes, '\0');
    std::ifstream file(tail.file, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(tail.offset));
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
      return MakeError(ErrorCode::kIo, "cannot read the end of " + tail.file.string());
    }
    const std::string name = tail.file.filename().string() + "-from-" + std::to_string(tail.offset);
    TRY(ReplaceFile(directory / name, bytes));
  }
  return {};
}

}  // namespace coupond::storage

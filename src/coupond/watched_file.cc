#include "coupond/watched_file.h"

#include <sys/stat.h>

namespace coupond {
namespace {

constexpr std::int64_t kNanosecondsOfSecond = 1'000'000'000;

}  // namespace

FileMark MarkOf(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .changed_ns = status.st_ctim.tv_sec * kNanosecondsOfSecond + status.st_ctim.tv_nsec};
}

Status CheckIsStill(const std::string& path, const FileMark& mark) {
  if (MarkOf(path) == mark) return {};
  return MakeError(ErrorCode::kIo, path + " was changed while it was read");
}

}  // namespace coupond

#include "base/unreadable_file.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace coupond {

std::string WhyUnreadable(const std::string& path) {
  if (::access(path.c_str(), R_OK) != 0) return std::generic_category().message(errno);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return std::generic_category().message(EISDIR);
  }
  if (!std::filesystem::is_regular_file(path, ignored)) return "it is not a regular file";
  return "it cannot be read";
}

}  // namespace coupond

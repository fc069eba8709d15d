#ifndef COUPOND_COUPOND_WATCHED_FILE_H_
#define COUPOND_COUPOND_WATCHED_FILE_H_

#include <cstdint>
#include <string>

#include "base/error.h"

/// How the server notices that a file which it has read was exchanged or written to.
namespace coupond {

/// Tells one state of a file from another: a file that was exchanged or written to differs in one
/// of these. All are zero if the file cannot be found.
struct FileMark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t changed_ns = 0;  ///< since 1970

  friend bool operator==(const FileMark&, const FileMark&) = default;
};

/// Returns the mark of the file as it is now, following links.
[[nodiscard]] FileMark MarkOf(const std::string& path);

/// Refuses what was read from a file that was being written meanwhile, perhaps not to its end:
/// fails with kIo unless the file still has the mark that it had before.
[[nodiscard]] Status CheckIsStill(const std::string& path, const FileMark& mark);

}  // namespace coupond

#endif  // COUPOND_COUPOND_WATCHED_FILE_H_

#ifndef COUPOND_BASE_UNREADABLE_FILE_H_
#define COUPOND_BASE_UNREADABLE_FILE_H_

#include <string>

namespace coupond {

/// Returns why a file that a program has failed to read cannot be read, in the system's words, such
/// as "No such file or directory". Streams do not say. Asked afterwards, so the file may have
/// changed; "it cannot be read" if nothing is wrong with it by now.
[[nodiscard]] std::string WhyUnreadable(const std::string& path);

}  // namespace coupond

#endif  // COUPOND_BASE_UNREADABLE_FILE_H_

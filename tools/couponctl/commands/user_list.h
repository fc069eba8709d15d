#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_USER_LIST_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_USER_LIST_H_

#include <cstddef>
#include <expected>
#include <iosfwd>
#include <string>
#include <vector>

namespace coupond::ctl {

/// Reads user ids, one on each line. Blank lines, a byte order mark and the carriage returns of
/// Windows are left out. The error says what is wrong, for the person who named the file: there are
/// none, or more than `users_max`, or a line is not UTF-8.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> ReadUsers(std::istream& lines,
                                                                             std::size_t users_max);

/// Does the same with a file, or standard input if `path` is "-".
[[nodiscard]] std::expected<std::vector<std::string>, std::string> ReadUsersFile(
    const std::string& path, std::size_t users_max);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_USER_LIST_H_

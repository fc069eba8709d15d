#include "couponctl/commands/user_list.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <string_view>
#include <utility>

#include "base/display_text.h"
#include "base/unreadable_file.h"
#include "base/utf8.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::expected<std::vector<std::string>, std::string> ReadUsers(std::istream& lines,
                                                               std::size_t users_max) {
  std::vector<std::string> users;
  std::size_t count = 0;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (number == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    if (line.ends_with('\r')) line.pop_back();
    if (!IsUtf8(line)) {
      return std::unexpected(fmt::format(
          "is not UTF-8 in line {}; save it as UTF-8, not in CP949 or another encoding", number));
    }
    if (IsBlank(line)) continue;
    if (++count <= users_max) users.push_back(line);
  }
  if (lines.bad()) return std::unexpected("cannot be read to its end");
  if (count == 0) return std::unexpected("has no users; write one ID on each line");
  if (count > users_max) {
    return std::unexpected(fmt::format(
        "has {} users, but a batch has at most {}; split the file, for example with `split -l {}`, "
        "and send each part as a batch of its own",
        count, users_max, users_max));
  }
  return users;
}

std::expected<std::vector<std::string>, std::string> ReadUsersFile(const std::string& path,
                                                                   std::size_t users_max) {
  const std::string name = path == "-" ? "standard input" : path;
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    file.peek();  // a directory can be opened, but not read
    if (!file.is_open() || file.bad()) {
      return std::unexpected(fmt::format("cannot read {}: {}", path, WhyUnreadable(path)));
    }
  }
  auto users = ReadUsers(path == "-" ? std::cin : file, users_max);
  if (!users) return std::unexpected(name + " " + users.error());
  return users;
}

}  // namespace coupond::ctl

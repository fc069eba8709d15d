#include "program/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace coupond {
namespace {

std::string_view Environment(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

bool MayColor(int descriptor) { return MayRedraw(descriptor) && Environment("NO_COLOR").empty(); }

bool MayRedraw(int descriptor) {
  return ::isatty(descriptor) == 1 && Environment("TERM") != "dumb";
}

std::optional<std::size_t> TerminalColumns(int descriptor) {
  constexpr std::size_t kUsualColumns = 80;
  if (::isatty(descriptor) != 1) return std::nullopt;
  winsize size{};
  const bool known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

}  // namespace coupond

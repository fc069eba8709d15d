#include "program/standard_streams.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

namespace coupond {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1'024;

std::string_view Environment(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

OutputError::OutputError(int error_number)
    : std::runtime_error("cannot write to standard output (" +
                         std::generic_category().message(error_number) + ")"),
      error_number_(error_number) {}

StandardOutput::Buffer::Buffer() : kept_(kBufferBytes) {
  setp(kept_.data(), kept_.data() + kept_.size());
}

StandardOutput::Buffer::int_type StandardOutput::Buffer::overflow(int_type character) {
  WriteAll();
  if (traits_type::eq_int_type(character, traits_type::eof()))
    return traits_type::not_eof(character);
  return sputc(traits_type::to_char_type(character));
}

int StandardOutput::Buffer::sync() {
  WriteAll();
  return 0;
}

void StandardOutput::Buffer::WriteAll() {
  std::string_view rest(pbase(), static_cast<std::size_t>(pptr() - pbase()));
  // Drops what cannot be written: a second attempt would repeat what was written before it.
  setp(kept_.data(), kept_.data() + kept_.size());
  while (!rest.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw OutputError(errno);
    }
  }
}

StandardOutput::StandardOutput() : std::ostream(nullptr) {
  rdbuf(&buffer_);
  exceptions(std::ios::badbit);  // lets the buffer's exceptions pass through
}

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

#include "program/standard_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace coupond {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1'024;

}  // namespace

OutputError::OutputError(int error_number)
    : std::runtime_error("cannot write to standard output (" +
                         std::generic_category().message(error_number) + ")"),
      error_number_(error_number) {}

StandardOutput::Buffer::Buffer() : kept_(kPieceBytes) {
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
  // What cannot be written is dropped: a second try would repeat what was written before it.
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
  exceptions(std::ios::badbit);  // which lets what the buffer throws pass through
}

}  // namespace coupond

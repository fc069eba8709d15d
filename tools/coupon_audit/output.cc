#include "coupon_audit/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

namespace coupond::audit {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1'024;

}  // namespace

bool Output::Write(std::string_view text) {
  kept_ += text;
  if (kept_.size() >= kPieceBytes) Flush();
  return error_number_ == 0;
}

Status Output::Finish() {
  Flush();
  if (error_number_ == 0 || error_number_ == EPIPE) return {};
  return MakeError(
      error_number_ == ENOSPC ? ErrorCode::kNoSpace : ErrorCode::kIo,
      "cannot write to standard output: " + std::generic_category().message(error_number_));
}

void Output::Flush() {
  std::string_view rest = kept_;
  while (!rest.empty() && error_number_ == 0) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_number_ = errno;
    }
  }
  kept_.clear();
}

}  // namespace coupond::audit

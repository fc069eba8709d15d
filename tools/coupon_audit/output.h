#ifndef COUPOND_TOOLS_COUPON_AUDIT_OUTPUT_H_
#define COUPOND_TOOLS_COUPON_AUDIT_OUTPUT_H_

#include <string>
#include <string_view>

#include "engine/ports/error.h"

namespace coupond::audit {

/// Much text to standard output, in large pieces. One thread; nobody else writes there meanwhile,
/// and SIGPIPE must be ignored.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// May keep it for later. False: there is no point in writing more, because nobody reads any
  /// more or it failed.
  [[nodiscard]] bool Write(std::string_view text);
  /// Writes what was kept. That the reader has gone, as `head` does, is fine; kIo and kNoSpace are
  /// errors.
  [[nodiscard]] Status Finish();

 private:
  void Flush();

  std::string kept_;
  int error_number_ = 0;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_OUTPUT_H_

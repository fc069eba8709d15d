#ifndef COUPOND_TOOLS_COMMON_OUTPUT_H_
#define COUPOND_TOOLS_COMMON_OUTPUT_H_

#include <optional>
#include <string_view>

#include "program/standard_output.h"

namespace coupond::audit {

/// Text to standard output for whoever cannot let an exception through. One thread; nobody else
/// writes there meanwhile.
class Output {
 public:
  /// Appends the text, and may keep it for later. Returns false if nothing can be written any more.
  [[nodiscard]] bool Write(std::string_view text);
  /// Writes what was kept. Returns what kept the output from being written in full, a reader that
  /// has gone (`| head`) included; nullopt if nothing did.
  [[nodiscard]] std::optional<OutputError> Finish();

 private:
  StandardOutput out_;
  std::optional<OutputError> error_;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COMMON_OUTPUT_H_

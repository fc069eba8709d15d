#ifndef COUPOND_TOOLS_COMMON_OUTPUT_H_
#define COUPOND_TOOLS_COMMON_OUTPUT_H_

#include <functional>
#include <string>

#include "program/standard_streams.h"

namespace coupond::tools {

/// The standard output of a tool. Failures to write are exceptions (OutputError), which RunTool
/// reports. One thread.
struct Output {
  StandardOutput text;
  /// A description of what has been done, which is reported if the text cannot be written. A
  /// command that changes something sets it before it prints.
  std::string done;
};

/// Runs the tool called `name`: calls `run`, flushes its output, and returns its exit status. An
/// exception, such as an output that could not be written, is reported on standard error, and the
/// result is `failed`.
[[nodiscard]] int RunTool(const std::string& name, int failed,
                          const std::function<int(Output& output)>& run);

}  // namespace coupond::tools

#endif  // COUPOND_TOOLS_COMMON_OUTPUT_H_

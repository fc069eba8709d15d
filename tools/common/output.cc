#include "common/output.h"

#include <exception>
#include <iostream>

#include "base/display_text.h"
#include "program/process_environment.h"

namespace coupond::tools {

int RunTool(const std::string& name, int failed, const std::function<int(Output& output)>& run) {
  if (!PrepareProcess()) return failed;
  Output output;
  try {
    const int status = run(output);
    output.text.flush();
    return status;
  } catch (const OutputError& error) {
    std::cerr << name << ": " << error.what() << (output.done.empty() ? "" : "; ")
              << Printable(output.done) << '\n';
  } catch (const std::exception& error) {
    std::cerr << name << ": " << DescribeEnd(error) << '\n';
  }
  return failed;
}

}  // namespace coupond::tools

#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_RUN_AUDIT_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_RUN_AUDIT_H_

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace coupond::test {

/// Exit codes, as docs/AUDIT.md lists them.
inline constexpr int kSound = 0;
inline constexpr int kViolation = 1;
inline constexpr int kUsage = 2;
inline constexpr int kCannotRead = 3;

/// The outcome of a run of coupon-audit.
struct AuditRun {
  int exit_code = -1;
  std::string out;
  std::string err;

  /// Standard output as one JSON object.
  [[nodiscard]] boost::json::object Json() const { return boost::json::parse(out).as_object(); }
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::istringstream stream(out);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
};

/// Runs the built program as people run it. `arguments` goes through a shell, so that it may end in
/// a pipe.
inline AuditRun RunAudit(const std::string& arguments) {
  const TemporaryDirectory directory;
  const std::string errors = directory.path() / "errors";
  const std::string command =
      "set -o pipefail; { " COUPON_AUDIT_PATH " " + arguments + "; } 2>" + errors + " </dev/null";
  AuditRun run;
  FILE* const pipe = ::popen(("exec bash -c '" + command + "'").c_str(), "r");
  if (pipe == nullptr) return run;
  std::array<char, 4096> piece;
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe)) {
    run.out.append(piece.data(), count);
  }
  const int status = ::pclose(pipe);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream stream(errors, std::ios::binary);
  run.err.assign(std::istreambuf_iterator<char>(stream), {});
  return run;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_RUN_AUDIT_H_

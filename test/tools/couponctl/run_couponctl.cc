#include "tools/couponctl/run_couponctl.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace coupond::ctl {

Ran RunCouponctl(const std::string& arguments, const std::string& environment) {
  const std::string command = environment + " " COUPONCTL_PATH " " + arguments + " 2>&1 </dev/null";
  Ran ran;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> piece;
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe)) {
    ran.output.append(piece.data(), count);
  }
  const int status = pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

}  // namespace coupond::ctl

#include "program/open_files.h"

#include <sys/resource.h>

#include "base/check.h"

namespace coupond {

std::size_t RaiseOpenFileLimit() {
  rlimit limit{};
  COUPOND_CHECK(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlim_t soft_before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  // The kernel may allow less than it says; then it stays as it was.
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = soft_before;
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace coupond

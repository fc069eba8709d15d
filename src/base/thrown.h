#ifndef COUPOND_BASE_THROWN_H_
#define COUPOND_BASE_THROWN_H_

#include <string>

namespace coupond {

/// What the exception says that is being handled, of whatever kind it is. Only within a handler.
[[nodiscard]] std::string DescribeThrown();

}  // namespace coupond

#endif  // COUPOND_BASE_THROWN_H_

#ifndef COUPOND_TOOLS_COMMON_BAR_TEXT_H_
#define COUPOND_TOOLS_COMMON_BAR_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace coupond::ctl {

/// "[####......]": `done` of `all` in so many cells, full only when nothing is missing. More than
/// all is all; `all` must not be 0.
[[nodiscard]] std::string BarText(std::uint64_t done, std::uint64_t all, std::size_t cells);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COMMON_BAR_TEXT_H_

#include "common/bar_text.h"

#include <algorithm>

#include "base/check.h"

namespace coupond::ctl {

std::string BarText(std::uint64_t done, std::uint64_t all, std::size_t cells) {
  COUPOND_CHECK(all > 0);
  const std::size_t filled = std::min(done, all) * cells / all;
  return "[" + std::string(filled, '#') + std::string(cells - filled, '.') + "]";
}

}  // namespace coupond::ctl

#ifndef COUPOND_BASE_NEAREST_NAME_H_
#define COUPOND_BASE_NEAREST_NAME_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace coupond {

/// Returns the name that was probably meant by `wrong`: the one that takes the fewest insertions,
/// deletions, replacements and swaps of neighbouring letters, ASCII case, '-' and '_' aside.
/// Returns nullopt if none is near.
[[nodiscard]] std::optional<std::string> NearestName(std::string_view wrong,
                                                     std::span<const std::string> names);

}  // namespace coupond

#endif  // COUPOND_BASE_NEAREST_NAME_H_

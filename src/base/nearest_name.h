#ifndef COUPOND_BASE_NEAREST_NAME_H_
#define COUPOND_BASE_NEAREST_NAME_H_

#include <optional>
#include <span>
#include <string_view>

namespace coupond {

/// Returns the name that was probably meant by `wrong`: the one that takes the fewest insertions,
/// deletions, replacements and swaps of neighbouring letters, ASCII case, '-' and '_' aside; or the
/// only one that `wrong` is a part of. Returns nullopt if none is near.
/// Takes time in the order of the names' total length, whatever the length of `wrong`.
[[nodiscard]] std::optional<std::string_view> NearestName(std::string_view wrong,
                                                          std::span<const std::string_view> names);

}  // namespace coupond

#endif  // COUPOND_BASE_NEAREST_NAME_H_

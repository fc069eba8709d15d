#include "base/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace coupond {
namespace {

/// What is compared is never longer, so that long input costs little.
constexpr std::size_t kLettersMax = 64;

std::string Letters(std::string_view name) {
  std::string letters;
  for (const char character : name.substr(0, kLettersMax)) {
    if (character == '-' || character == '_') continue;
    const bool upper = character >= 'A' && character <= 'Z';
    letters += upper ? static_cast<char>(character - 'A' + 'a') : character;
  }
  return letters;
}

/// The optimal string alignment distance.
std::size_t Distance(std::string_view from, std::string_view to) {
  std::vector<std::vector<std::size_t>> cost(from.size() + 1,
                                             std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i) {
    for (std::size_t j = 0; j <= to.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = from[i - 1] == to[j - 1] ? 0 : 1;
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost.back().back();
}

}  // namespace

std::optional<std::string> NearestName(std::string_view wrong, std::span<const std::string> names) {
  const std::string letters = Letters(wrong);
  std::optional<std::string> nearest;
  // A third of the letters may be wrong: more would suggest a name that nobody meant.
  std::size_t distance_max = std::max<std::size_t>(1, letters.size() / 3);
  for (const std::string& name : names) {
    const std::size_t distance = Distance(letters, Letters(name));
    if (distance > distance_max || (nearest && distance == distance_max)) continue;
    nearest = name;
    distance_max = distance;
  }
  return nearest;
}

}  // namespace coupond

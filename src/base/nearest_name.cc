#include "base/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace coupond {
namespace {

/// Longer names are not compared: no known name is that long.
constexpr std::size_t kComparedBytesMax = 64;
/// A shorter part of a name is not enough to guess the whole.
constexpr std::size_t kPartBytesMin = 3;

std::string Letters(std::string_view name) {
  std::string letters;
  for (const char character : name) {
    if (character == '-' || character == '_') continue;
    letters += LowerCase(character);
  }
  return letters;
}

/// Returns the optimal string alignment distance.
std::size_t Distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = from[i - 1] == to[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[to.size()];
}

/// At most a third of the letters may be wrong; more would suggest unrelated names.
std::size_t DistanceMax(std::string_view a, std::string_view b) {
  return std::max(a.size(), b.size()) / 3;
}

}  // namespace

std::optional<std::string_view> NearestName(std::string_view wrong,
                                            std::span<const std::string_view> names) {
  if (wrong.size() > kComparedBytesMax) return std::nullopt;
  const std::string letters = Letters(wrong);
  std::optional<std::string_view> nearest;
  std::size_t distance_min = 0;
  std::vector<std::string_view> longer;
  for (const std::string_view name : names) {
    const std::string other = Letters(name);
    const std::size_t distance = Distance(letters, other);
    if (distance <= DistanceMax(letters, other) && (!nearest || distance < distance_min)) {
      nearest = name;
      distance_min = distance;
    }
    if (letters.size() >= kPartBytesMin && other.contains(letters)) longer.push_back(name);
  }
  if (!nearest && longer.size() == 1) return longer.front();
  return nearest;
}

}  // namespace coupond

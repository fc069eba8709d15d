#include "api/connect/similar_name.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "api/connect/ascii_text.h"
#include "api/connect/json_text.h"

namespace coupond::connect {
namespace {

constexpr std::size_t kQuotedBytesMax = 60;
/// Longer names are not compared letter by letter: no field has one.
constexpr std::size_t kComparedBytesMax = 64;
/// More known names than these are not listed.
constexpr std::size_t kListedNamesMax = 8;
/// A shorter part of a name says too little to guess the whole.
constexpr std::size_t kPartBytesMin = 3;

/// Insertions, deletions, replacements, and swaps of neighbours that lead from `a` to `b`.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// Up to a third of the letters may be wrong.
std::size_t DistanceMax(std::string_view a, std::string_view b) {
  return std::max(a.size(), b.size()) / 3;
}

bool LooksLikeAName(std::string_view text) {
  const auto belongs = [](char c) {
    const char letter = LowerCase(c);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '@' || c == '$';
  };
  return !text.empty() && std::ranges::all_of(text, belongs);
}

}  // namespace

std::string FoldedName(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  for (const char c : name) {
    if (c != '_') folded.push_back(LowerCase(c));
  }
  return folded;
}

std::optional<std::string_view> NearestName(std::string_view name,
                                            std::span<const std::string_view> known) {
  if (name.size() > kComparedBytesMax) return std::nullopt;
  const std::string folded = FoldedName(name);
  std::optional<std::string_view> nearest;
  std::size_t distance_min = 0;
  std::vector<std::string_view> longer;
  for (const std::string_view candidate : known) {
    const std::string other = FoldedName(candidate);
    const std::size_t distance = EditDistance(folded, other);
    if (distance <= DistanceMax(folded, other) && (!nearest || distance < distance_min)) {
      nearest = candidate;
      distance_min = distance;
    }
    if (folded.size() >= kPartBytesMin && other.contains(folded)) longer.push_back(candidate);
  }
  if (!nearest && longer.size() == 1) return longer.front();
  return nearest;
}

std::string NameAdvice(std::string_view name, std::span<const std::string_view> known) {
  if (const auto nearest = NearestName(name, known)) {
    return "; did you mean " + std::string(*nearest) + "?";
  }
  if (known.empty() || known.size() > kListedNamesMax) return {};
  std::string advice = "; known are: ";
  for (const std::string_view each : known) {
    if (each != known.front()) advice.append(", ");
    advice.append(each);
  }
  return advice;
}

std::string QuotedName(std::string_view name) {
  std::string clipped = Clip(name, kQuotedBytesMax);
  if (LooksLikeAName(name)) return clipped;
  std::string quoted;
  AppendJsonStringLossy(clipped, quoted);
  return quoted;
}

}  // namespace coupond::connect

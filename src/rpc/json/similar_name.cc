#include "rpc/json/similar_name.h"

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/nearest_name.h"
#include "rpc/json/json_text.h"

namespace coupond::connect {
namespace {

/// The maximum number of known names to list; if there are more, none is listed.
constexpr std::size_t kListedNamesMax = 8;

bool LooksLikeAName(std::string_view text) {
  const auto belongs = [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '_' || c == '-' || c == '.' || c == '@' || c == '$';
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
  std::string clipped = Clipped(name);
  if (LooksLikeAName(name)) return clipped;
  std::string quoted;
  AppendJsonStringLossy(clipped, quoted);
  return quoted;
}

}  // namespace coupond::connect

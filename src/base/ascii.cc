#include "base/ascii.h"

#include <cstddef>

namespace coupond {

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    // Most characters are equal as they are.
    if (a[i] != b[i] && LowerCase(a[i]) != LowerCase(b[i])) return false;
  }
  return true;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::string_view TakeUntil(char separator, std::string_view& text) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(taken.size());
  if (!text.empty()) text.remove_prefix(1);
  return Trimmed(taken);
}

}  // namespace coupond

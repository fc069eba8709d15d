#include "engine/ports/store_copier.h"

#include <algorithm>

namespace coupond {
namespace {

bool MayBeInName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

bool IsBackupName(std::string_view name) {
  return !name.empty() && name.size() <= kBackupNameMaxBytes && name.front() != '.' &&
         std::ranges::all_of(name, MayBeInName);
}

}  // namespace coupond

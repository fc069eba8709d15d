#include "access/role.h"

#include <algorithm>
#include <cstddef>

namespace coupond::access {
namespace {

constexpr std::array<std::string_view, kRoles.size()> kNames = {"admin",    "operator", "issuer",
                                                                "redeemer", "viewer",   "public"};

}  // namespace

std::string_view RoleName(Role role) { return kNames.at(static_cast<std::size_t>(role)); }

std::optional<Role> RoleByName(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return kRoles.at(static_cast<std::size_t>(found - kNames.begin()));
}

std::string RoleNames() {
  std::string all;
  for (const std::string_view name : kNames) {
    all.append(all.empty() ? "" : ", ").append(name);
  }
  return all;
}

}  // namespace coupond::access

#ifndef COUPOND_ACCESS_ROLE_H_
#define COUPOND_ACCESS_ROLE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a key may be for. Which methods a role may call is in api/access/method_access.h.
namespace coupond::access {

enum class Role : std::uint8_t {
  kAdmin,     ///< everything
  kOperator,  ///< campaigns and coupons; no keys, no backups, no erasing
  kIssuer,    ///< a back end that gets coupons for its users
  kRedeemer,  ///< a shop that redeems coupons
  kViewer,    ///< figures and lists, with codes shortened
  kPublic,    ///< a web page, which everybody can read
};

inline constexpr std::array kRoles = {Role::kAdmin,    Role::kOperator, Role::kIssuer,
                                      Role::kRedeemer, Role::kViewer,   Role::kPublic};

/// Returns "admin", "operator", …
[[nodiscard]] std::string_view RoleName(Role role);
/// Returns the role of that name, or nullopt. Names are compared exactly.
[[nodiscard]] std::optional<Role> RoleByName(std::string_view name);
/// Returns the names of all roles, for messages: "admin, operator, …".
[[nodiscard]] std::string RoleNames();

}  // namespace coupond::access

#endif  // COUPOND_ACCESS_ROLE_H_

#ifndef COUPOND_API_ACCESS_METHOD_ACCESS_H_
#define COUPOND_API_ACCESS_METHOD_ACCESS_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "access/role.h"

/// Who may call what: one row for each method of the API. docs/API.md has the same table.
namespace coupond::api {

/// A set of roles.
class RoleSet {
 public:
  constexpr RoleSet(std::initializer_list<access::Role> roles) {
    for (const access::Role role : roles) bits_ |= BitOf(role);
  }

  [[nodiscard]] constexpr bool Has(access::Role role) const { return (bits_ & BitOf(role)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  /// Returns the names, for messages: "admin, operator".
  [[nodiscard]] std::string Names() const;

 private:
  static constexpr std::uint32_t BitOf(access::Role role) {
    return 1U << static_cast<std::uint32_t>(role);
  }

  std::uint32_t bits_ = 0;
};

/// What a key that is limited to campaigns may do with a method.
enum class CampaignScope : std::uint8_t {
  kNamed,       ///< call it for one of its campaigns, which the request names
  kOwn,         ///< see its campaigns, and no others
  kNone,        ///< call it as any other key: it is not about campaigns
  kWholeStore,  ///< nothing: it is about all campaigns
};

struct MethodAccess {
  std::string_view path;  ///< "/coupon.v1.CouponService/IssueCoupon"
  RoleSet roles;          ///< those that may call it; empty: everybody, without a key
  CampaignScope scope = CampaignScope::kNamed;

  [[nodiscard]] bool needs_key() const { return !roles.empty(); }
};

[[nodiscard]] std::span<const MethodAccess> AllMethodAccess();
/// Returns the row of a method; the program ends if there is none. Short routes and pages have the
/// row of the method that they stand for. The row lives as long as the program.
[[nodiscard]] const MethodAccess& AccessOf(std::string_view path);

inline constexpr std::string_view kGetServerInfoPath = "/coupon.v1.AdminService/GetServerInfo";
inline constexpr std::string_view kReadEventsPath = "/coupon.v1.AdminService/ReadEvents";
inline constexpr std::string_view kWatchCampaignPath = "/coupon.v1.CouponService/WatchCampaign";
inline constexpr std::string_view kExportCouponsPath = "/coupon.v1.CouponService/ExportCoupons";

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_METHOD_ACCESS_H_

#include "api/access/method_access.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace coupond::api {
namespace {

using access::Role;
using enum CampaignScope;

constexpr RoleSet kEverybody{};
constexpr RoleSet kAdmins{Role::kAdmin};
constexpr RoleSet kOperators{Role::kAdmin, Role::kOperator};
constexpr RoleSet kReaders{Role::kAdmin, Role::kOperator, Role::kViewer};
constexpr RoleSet kRedeemers{Role::kAdmin, Role::kOperator, Role::kRedeemer};
constexpr RoleSet kIssuers{Role::kAdmin, Role::kOperator, Role::kIssuer, Role::kPublic};
constexpr RoleSet kWatchers{Role::kAdmin, Role::kOperator, Role::kIssuer, Role::kViewer,
                            Role::kPublic};

constexpr std::array kTable = {
    MethodAccess{"/coupon.v1.CouponService/CreateCampaign", kOperators, kWholeStore},
    MethodAccess{"/coupon.v1.CouponService/GetCampaign", kReaders, kNamed},
    MethodAccess{"/coupon.v1.CouponService/GetCampaignStatus", kWatchers, kNamed},
    MethodAccess{"/coupon.v1.CouponService/IssueCoupon", kIssuers, kNamed},
    MethodAccess{"/coupon.v1.CouponService/BatchIssueCoupons", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/RedeemCoupon", kRedeemers, kNamed},
    MethodAccess{"/coupon.v1.CouponService/CancelRedemption", kRedeemers, kNamed},
    MethodAccess{"/coupon.v1.CouponService/VoidCoupon", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/GetCoupon", kRedeemers, kNamed},
    MethodAccess{"/coupon.v1.CouponService/UpdateCampaign", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/PauseCampaign", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/ResumeCampaign", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/ArchiveCampaign", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/UnarchiveCampaign", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/DeleteCampaign", kOperators, kNamed},
    MethodAccess{"/coupon.v1.CouponService/ListCampaigns", kReaders, kOwn},
    MethodAccess{"/coupon.v1.CouponService/ListCoupons", kReaders, kNamed},
    MethodAccess{"/coupon.v1.CouponService/SearchCoupons", kReaders, kNamed},
    // Exports have whole codes and never shorten them, so they are not for viewers.
    MethodAccess{kExportCouponsPath, kOperators, kNamed},
    MethodAccess{kWatchCampaignPath, kWatchers, kNamed},
    MethodAccess{kReadEventsPath, kOperators, kNamed},
    MethodAccess{"/coupon.v1.AdminService/AcceptClock", kOperators, kWholeStore},
    MethodAccess{"/coupon.v1.AdminService/CreateBackup", kAdmins, kWholeStore},
    MethodAccess{"/coupon.v1.AdminService/EraseUser", kAdmins, kWholeStore},
    MethodAccess{kGetServerInfoPath, kReaders, kWholeStore},
    MethodAccess{"/grpc.health.v1.Health/Check", kEverybody, kNone},
};

}  // namespace

std::string RoleSet::Names() const {
  std::string names;
  for (const Role role : access::kRoles) {
    if (Has(role)) names.append(names.empty() ? "" : ", ").append(access::RoleName(role));
  }
  return names;
}

std::span<const MethodAccess> AllMethodAccess() { return kTable; }

const MethodAccess& AccessOf(std::string_view path) {
  const auto* const found = std::ranges::find(kTable, path, &MethodAccess::path);
  COUPOND_CHECK(found != kTable.end());
  return *found;
}

}  // namespace coupond::api

#include "couponctl/commands/commands.h"

#include <ostream>
#include <utility>
#include <vector>

#include "api/coupon_file/state_names.h"
#include "common/moment_text.h"
#include "common/table.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/coupon_text.h"

namespace coupond::ctl {
namespace {

coupon::v1::SearchCouponsRequest RequestFor(const SearchPlan& plan) {
  coupon::v1::SearchCouponsRequest request;
  request.set_user_id(plan.user_id);
  request.set_campaign_id(plan.campaign_id);
  for (const coupon::v1::CouponState state : plan.states) request.add_states(state);
  if (plan.newest_first) request.set_order(coupon::v1::COUPON_ORDER_NEWEST_FIRST);
  return request;
}

/// The columns that not every search needs.
struct Columns {
  bool expiry = true;     ///< either all coupons of a campaign expire, or none does
  bool campaigns = true;  ///< not if one was named
};

/// Returns a page as lines.
std::string PageText(const coupon::v1::SearchCouponsResponse& page, const Columns& shown,
                     const tools::Table::Layout& layout) {
  std::vector<tools::Table::Column> columns = {{.title = "CODE", .width_min = kCodeColumns},
                                               {.title = "STATE", .width_min = kStateColumns},
                                               {.title = "ISSUED AT", .width_min = kTimeColumns}};
  if (shown.expiry) columns.push_back({.title = "EXPIRES AT", .width_min = kTimeColumns});
  if (shown.campaigns) columns.push_back({.title = "CAMPAIGN"});
  columns.push_back({.title = "USER", .may_be_cut = true});
  columns.push_back({.title = "ORDER", .may_be_cut = true});
  tools::Table table(std::move(columns));
  for (const coupon::v1::Coupon& coupon : page.coupons()) {
    std::vector<std::string> row = {coupon.code(), std::string(api::StateName(coupon.state())),
                                    tools::FormatMoment(tools::FromMessage(coupon.issued_at()))};
    if (shown.expiry) row.push_back(ExpiryText(coupon));
    if (shown.campaigns) row.push_back(coupon.campaign_id());
    row.push_back(coupon.user_id());
    row.push_back(coupon.redemption().order_ref());
    table.AddRow(std::move(row));
  }
  return table.Text(layout);
}

}  // namespace

ExitCode SearchCoupons(const CommandContext& context, const SearchPlan& plan) {
  bool found = false;
  Columns shown{.campaigns = plan.campaign_id.empty()};
  auto done = ReadFoundCoupons(context.client, RequestFor(plan), plan.limit, [&](const auto& page) {
    if (page.coupons().empty()) return;
    if (context.json) {
      for (const auto& coupon : page.coupons()) context.out << JsonLine(coupon);
    } else {
      if (!found && !shown.campaigns) shown.expiry = page.coupons(0).has_expire_time();
      context.out << PageText(page, shown, {.with_titles = !found, .columns_max = context.columns});
    }
    found = true;
  });
  if (!done) return ReportError(context, done.error(), {.if_not_found = kListShowsCampaigns});
  if (!found && !context.json) context.out << "no coupons were found\n";
  return ExitCode::kDone;
}

}  // namespace coupond::ctl

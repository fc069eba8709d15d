#include "couponctl/load/load_conditions.h"

#include <fmt/format.h>

#include <cstdint>

#include "common/moment_text.h"

namespace coupond::ctl {
namespace {

/// Returns why the campaign would redeem no coupon, or have none to redeem.
std::optional<LoadObstacle> FindObstacleToRedeeming(const LoadPlan& plan,
                                                    const coupon::v1::Campaign& campaign,
                                                    std::optional<Timestamp> server_time) {
  if (campaign.redeem_by_holder_only() && plan.users.count == 0) {
    return LoadObstacle{ExitCode::kUsage,
                        "--redeem: the campaign redeems a coupon only for the user whom it was "
                        "issued to; name some with --users"};
  }
  if (campaign.redeeming_paused()) {
    return LoadObstacle{
        ExitCode::kRefused,
        fmt::format("--redeem: redeeming is paused; `couponctl resume {} --redeeming` lets it go "
                    "on",
                    plan.campaign_id)};
  }
  // While issuing is paused, a user who has a coupon already is still told of it.
  if (campaign.issuing_paused() && !plan.users.one_each()) {
    return LoadObstacle{
        ExitCode::kRefused,
        fmt::format("--redeem: issuing is paused, so there would be nothing to redeem; `couponctl "
                    "resume {} --issuing` lets it go on",
                    plan.campaign_id)};
  }
  if (!campaign.has_redeem_start_time() || !server_time) return std::nullopt;
  const Timestamp redeem_start = tools::FromMessage(campaign.redeem_start_time());
  const Timestamp redeeming = server_time->PlusUpToTheEnds(plan.schedule.LastDue());
  if (redeem_start <= redeeming) return std::nullopt;
  return LoadObstacle{
      ExitCode::kRefused,
      fmt::format("--redeem: the campaign redeems no coupon before {}, but the load would begin to "
                  "at {}; run it later or with a longer --duration, or `couponctl update {} "
                  "--redeem-start none`",
                  tools::FormatMoment(redeem_start), tools::FormatMoment(redeeming),
                  plan.campaign_id)};
}

}  // namespace

std::optional<LoadObstacle> FindObstacle(const LoadPlan& plan, const coupon::v1::Campaign& campaign,
                                         std::optional<Timestamp> server_time) {
  if (plan.users.count == 0 && campaign.user_required()) {
    return LoadObstacle{ExitCode::kUsage,
                        "the campaign issues coupons to users only; name some with --users"};
  }
  return plan.redeem ? FindObstacleToRedeeming(plan, campaign, server_time) : std::nullopt;
}

bool NeedsServerTime(const LoadPlan& plan, const coupon::v1::Campaign& campaign) {
  return plan.redeem && campaign.has_redeem_start_time();
}

}  // namespace coupond::ctl

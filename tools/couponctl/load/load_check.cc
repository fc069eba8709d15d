#include "couponctl/load/load_check.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/redeem_answer.h"
#include "rpc/client/connect_client.h"

namespace coupond::ctl {
namespace {

using rpc_client::CallError;
using rpc_client::ConnectClient;

constexpr std::chrono::milliseconds kAskAgainEvery{200};
constexpr std::uint64_t kSecondRedemptionsMax = 100;

/// Returns codes of redeemed coupons, spread evenly over all of them.
std::vector<std::string_view> SampleOfRedeemed(const LoadResult& result) {
  const std::uint64_t redeemed = result.redeemed->tally.redeemed();
  const std::uint64_t step = (redeemed + kSecondRedemptionsMax - 1) / kSecondRedemptionsMax;
  std::vector<std::string_view> sample;
  std::uint64_t number = 0;
  for (const HeldCoupon& coupon : result.tally.held()) {
    if (coupon.redemption != RedeemOutcome::kRedeemed) continue;
    if (number++ % step == 0) sample.push_back(coupon.code.text());
  }
  return sample;
}

/// Tries to redeem coupons that the load has redeemed, and returns how many.
std::expected<std::uint64_t, CallError> RedeemAgain(ConnectClient& client, const LoadResult& result,
                                                    ConsistencyCheck& check) {
  const std::vector<std::string_view> codes = SampleOfRedeemed(result);
  for (const std::string_view code : codes) {
    coupon::v1::RedeemCouponRequest request;
    request.set_code(std::string(code));
    request.set_request_id(result.redeemed->request_ids.ForSecond(code));
    coupon::v1::RedeemCouponResponse response;
    TRY(client.Call(kRedeemCoupon, request, response));
    check.AddSecondRedemption(
        code, response.success() ? RedeemOutcome::kRedeemed : OutcomeOf(response.refusal()));
  }
  return codes.size();
}

// Asks the server once, and compares.
std::expected<CheckOutcome, CallError> Look(ConnectClient& client, const CheckedCampaign& campaign,
                                            const LoadResult& result) {
  const LoadTally& tally = result.tally;
  CheckedLoad load{
      .open = tally.open(), .maybe_older = tally.maybe_older(), .users = tally.users().count};
  if (result.redeemed) load.redeemed_with = result.redeemed->request_ids;
  ConsistencyCheck check(campaign, tally.held(), std::move(load));
  CheckOutcome outcome{.before = campaign.before};
  if (result.redeemed) outcome.second_redemptions = TRY(RedeemAgain(client, result, check));
  TRY(ReadCoupons(client, campaign.id, std::nullopt, [&check](const auto& page) {
    for (const auto& coupon : page.coupons()) check.AddListed(coupon);
  }));
  const coupon::v1::Campaign after = TRY(ReadCampaign(client, campaign.id));
  outcome.after = CampaignFigures::Of(after);
  outcome.listed = check.listed();
  outcome.faults = check.Finish(outcome.after);
  outcome.after.total = std::max(outcome.before.total, outcome.after.total);
  outcome.after.coupons_per_user =
      std::max(outcome.before.coupons_per_user, outcome.after.coupons_per_user);
  outcome.state =
      outcome.faults.empty() ? CheckOutcome::State::kPassed : CheckOutcome::State::kFailed;
  return outcome;
}

}  // namespace

CheckOutcome CheckConsistency(const CheckPlan& plan, const CheckedCampaign& campaign,
                              const LoadResult& result) {
  const auto give_up = std::chrono::steady_clock::now() + plan.retry_for;
  while (true) {
    ConnectClient client(plan.server, plan.request_timeout, RequestHeaders());
    auto outcome = Look(client, campaign, result);
    if (outcome) return std::move(*outcome);
    const bool hopeless = rpc_client::IsRefusal(outcome.error());
    if (hopeless || std::chrono::steady_clock::now() >= give_up) {
      return {.state = CheckOutcome::State::kImpossible,
              .why_impossible = Describe(outcome.error()),
              .before = campaign.before,
              .after = campaign.before};
    }
    std::this_thread::sleep_for(kAskAgainEvery);
  }
}

}  // namespace coupond::ctl

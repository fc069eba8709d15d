#include "couponctl/commands/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "api/coupon_file/state_names.h"
#include "base/display_text.h"
#include "base/entropy.h"
#include "common/table.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/coupon_text.h"
#include "engine/rules/ids.h"

namespace coupond::ctl {
namespace {

using coupon::v1::BatchIssueCouponsResponse;
using coupon::v1::BatchIssueResult;

/// Returns what came of a user, in words.
std::string OutcomeText(const BatchIssueResult& result) {
  if (!result.success()) return result.error();
  const coupon::v1::CouponState state = result.coupon().state();
  const std::string now =
      state == coupon::v1::COUPON_STATE_ISSUED ? "" : ", now " + std::string(api::StateName(state));
  return (result.already_issued() ? "had it before" : "issued") + now;
}

std::string TableText(const CommandContext& context, const BatchPlan& plan,
                      const BatchIssueCouponsResponse& response) {
  tools::Table table({{.title = "CODE", .width_min = kCodeColumns},
                      {.title = "USER", .may_be_cut = true},
                      {.title = "OUTCOME"}});
  for (int i = 0; i < response.results_size(); ++i) {
    const BatchIssueResult& result = response.results(i);
    table.AddRow(
        {result.coupon().code(), plan.user_ids[static_cast<std::size_t>(i)], OutcomeText(result)});
  }
  return table.Text({.columns_max = context.columns});
}

/// Returns how many of those who asked have no coupon from it.
std::int64_t Missing(const BatchPlan& plan, const BatchIssueCouponsResponse& response) {
  if (plan.user_ids.empty()) return plan.count - response.coupons_size();
  return std::ranges::count_if(response.results(),
                               [](const BatchIssueResult& result) { return !result.success(); });
}

std::string SummaryText(const BatchIssueCouponsResponse& response, std::int64_t missing) {
  const bool is_one = response.issued_coupons() == 1;
  const std::string coupons =
      fmt::format("{} {}", response.issued_coupons(), is_one ? "coupon" : "coupons");
  std::string text = response.already_issued()
                         ? "this request was carried out before, and issued " + coupons
                         : coupons + (is_one ? " was issued" : " were issued");
  text += fmt::format(" (sequence {})", response.sequence());
  if (missing > 0) text += fmt::format("; {} could not be issued", missing);
  return text;
}

}  // namespace

ExitCode BatchIssueCoupons(const CommandContext& context, const BatchPlan& plan) {
  const std::string request_id = plan.request_id.empty()
                                     ? FormatUuid(AsRandomUuid(SystemEntropy().Random16()))
                                     : plan.request_id;
  coupon::v1::BatchIssueCouponsRequest request;
  request.set_campaign_id(plan.campaign_id);
  request.set_count(plan.count);
  request.mutable_user_ids()->Assign(plan.user_ids.begin(), plan.user_ids.end());
  request.set_allow_partial(plan.allow_partial);
  request.set_request_id(request_id);
  context.err << "couponctl: the request id is " << Printable(request_id) << std::endl;

  const std::string again = "try again with --request-id " + request_id +
                            ": if the coupons were issued, you get those and no others";
  const NextStep next{.if_open = again, .if_not_found = kListShowsCampaigns};
  BatchIssueCouponsResponse response;
  if (auto done = context.client.Call(kBatchIssueCoupons, request, response); !done) {
    return ReportError(context, done.error(), next);
  }
  const bool is_whole =
      response.results_size() == static_cast<int>(plan.user_ids.size()) &&
      (!plan.user_ids.empty() || response.coupons_size() == response.issued_coupons());
  if (response.sequence() == 0 || !is_whole) {
    return ReportEmptyAnswer(context, kBatchIssueCoupons, next);
  }
  const std::int64_t missing = Missing(plan, response);
  const std::string summary = SummaryText(response, missing);
  context.SetDone(summary);
  if (context.json) {
    context.out << JsonLine(response);
  } else {
    for (const coupon::v1::Coupon& coupon : response.coupons()) {
      context.out << Printable(coupon.code()) << '\n';
    }
    if (!plan.user_ids.empty()) context.out << TableText(context, plan, response);
    context.err << "couponctl: " << summary << '\n';
  }
  return missing == 0 ? ExitCode::kDone : ExitCode::kRefused;
}

}  // namespace coupond::ctl

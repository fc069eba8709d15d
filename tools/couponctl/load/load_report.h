#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_REPORT_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_REPORT_H_

#include <string>

#include "couponctl/load/load_check.h"
#include "couponctl/load/load_generator.h"

/// What couponctl says about a load.
namespace coupond::ctl {

/// Returns what was asked for, such as "500 requests/s for 10s over 50 connections".
[[nodiscard]] std::string LoadText(const LoadPlan& plan);

/// Returns the answers per second, from the start to the last one.
[[nodiscard]] double AchievedRate(const LoadResult& result);
/// Returns the same of the redemptions.
[[nodiscard]] double AchievedRate(const RedeemResult& redeemed);
/// Returns the number of coupons that were to be redeemed, and no request was sent for.
[[nodiscard]] std::uint64_t NeverRedeemed(const LoadResult& result);

/// Returns a line without a newline, for a terminal or a log.
[[nodiscard]] std::string ProgressLine(const LoadProgress& progress);

/// Returns the summary for people: what was sent, its outcomes, latencies, whether the generator
/// was the limit, the same of the redemptions, the check.
[[nodiscard]] std::string SummaryText(const LoadPlan& plan, const LoadResult& result,
                                      const CheckOutcome& check);

/// Returns the same as a JSON object on one line, with its newline.
[[nodiscard]] std::string SummaryJson(const LoadPlan& plan, const LoadResult& result,
                                      const CheckOutcome& check);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_REPORT_H_

#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXPECTED_ROWS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXPECTED_ROWS_H_

#include <string>
#include <vector>

#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/log_reader.h"
#include "engine/ports/view_store.h"

/// What rows the views must have, made from the log and the model once more and without the code
/// that the server makes them with (engine/views/projection). Pure functions, any thread.
namespace coupond::audit {

/// A run of coupons, and the run of claims among them if there are any.
struct ExpectedRun {
  Sequence first_sequence;  ///< of the first coupon's event
  CouponRun coupons;
  ClaimRun claims;
};

/// One run for each campaign that the group issued from, in the order of their first coupons. A
/// deletion ends all runs of its group so far; what is issued after it begins another. The model
/// must know the campaigns, and may be further on than the group.
[[nodiscard]] std::vector<ExpectedRun> ExpectedRuns(const CommitGroup& group,
                                                    const LogModel& model);

/// The row of a live campaign, as it is when the model is where it is now.
[[nodiscard]] CampaignRow ExpectedCampaign(const ModelCampaign& campaign);

/// The views' checkpoint after the group that the model has just seen the end of.
[[nodiscard]] Checkpoint ExpectedCheckpoint(const LogModel& model, const LogTip& tip);

/// Returns in words in which fields the row that was found differs from the expected one: "name,
/// total_coupons (11 instead of 10)". Empty if in none. Secrets are not shown.
[[nodiscard]] std::string DifferenceOf(const CampaignRow& found, const CampaignRow& expected);
[[nodiscard]] std::string DifferenceOf(const CouponRun& found, const CouponRun& expected);
[[nodiscard]] std::string DifferenceOf(const ClaimRun& found, const ClaimRun& expected);
[[nodiscard]] std::string DifferenceOf(const Checkpoint& found, const Checkpoint& expected);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXPECTED_ROWS_H_

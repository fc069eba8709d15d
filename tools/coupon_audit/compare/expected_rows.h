#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXPECTED_ROWS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXPECTED_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "coupon_audit/model/log_model.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"

/// The rows that the views must have, made from the log and the model, without the code that the
/// server makes them with (engine/views/projection). Pure functions, any thread.
namespace coupond::audit {

/// A run of coupons, and the run of claims among them if there is one.
struct ExpectedRun {
  Sequence first_sequence;  ///< of the first coupon's event
  CouponRun coupons;
  ClaimRun claims;
  /// The offsets of coupons whose users' texts the views may have or not, whatever the log has.
  std::vector<std::uint32_t> optional_holders = {};

  /// Reports whether there is a run of claims.
  [[nodiscard]] bool has_claims() const { return claims.all_timed || !claims.claims.empty(); }
};

/// Returns the runs of each campaign that the group issued from, ordered by their first coupons.
/// A run that has CouponRun::kToUsersMax coupons of users is followed by another one, and a
/// deletion ends all runs of its group; coupons that are issued after it begin new ones. The model
/// must know the campaigns, and may be further on than the group. `views_end` is the sequence with
/// which the views end.
[[nodiscard]] std::vector<ExpectedRun> ExpectedRuns(const CommitGroup& group, const LogModel& model,
                                                    Sequence views_end);

/// Returns the status of each coupon that the group has brought into another state, or of which it
/// has freed the claim while the coupon stayed just issued. Whether a claim was freed is said only
/// of coupons that are just issued; of the others, the model knows it.
/// The last one of a coupon is right; those before it may say already that its claim was freed. The
/// model has taken the group, and none after it.
[[nodiscard]] std::vector<CouponStatusRow> ExpectedStatuses(const CommitGroup& group,
                                                            const LogModel& model);

/// Returns the row of a live campaign, in the model's present state.
[[nodiscard]] Campaign ExpectedCampaign(const ModelCampaign& campaign);

/// Returns the views' checkpoint after the last group that the model has taken.
[[nodiscard]] Checkpoint ExpectedCheckpoint(const LogModel& model, const LogTip& tip);

/// Returns the fields in which the row that was found differs from the expected one, in words:
/// "name, total_coupons (11 instead of 10)". Empty if there are none. Secrets are not shown.
[[nodiscard]] std::string DifferenceOf(const Campaign& found, const Campaign& expected);
[[nodiscard]] std::string DifferenceOf(const CouponRun& found, const CouponRun& expected);
[[nodiscard]] std::string DifferenceOf(const ClaimRun& found, const ClaimRun& expected);
[[nodiscard]] std::string DifferenceOf(const Checkpoint& found, const Checkpoint& expected);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXPECTED_ROWS_H_

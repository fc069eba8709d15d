#ifndef COUPOND_TEST_SIMULATION_CHECKS_H_
#define COUPOND_TEST_SIMULATION_CHECKS_H_

#include <cstdint>

#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "engine/rules/ledger.h"
#include "simulation/simulated_log.h"
#include "support/model.h"

/// Comparisons of whole states. Each throws a Violation that names what differs.
namespace coupond::simulation {

/// Checks that the ledger equals the model, campaign by campaign, claim by claim, user by user,
/// coupon by coupon and request by request.
void CheckLedger(const Ledger& ledger, const test::Model& model);

/// Checks that the views equal the model at their checkpoint: every row, coupon, claim, request and
/// unfinished erasure.
void CheckViews(const ViewStore& views, const test::Model& model, const SimulatedLog& log);

/// Checks the same for one campaign: its row, and up to `limit` coupons from `first_ordinal` on.
/// Returns the number of coupons read.
std::uint64_t CheckCampaignView(const ViewStore& views, const test::ModelCampaign& campaign,
                                Sequence checkpoint, std::uint64_t first_ordinal,
                                std::uint64_t limit);

/// Checks what the views have of a coupon, which may not have been issued at their checkpoint, when
/// it is looked up by its serial.
void CheckCouponView(const ViewStore& views, const test::ModelCampaign& campaign,
                     Sequence checkpoint, std::uint64_t ordinal);

/// Checks what the log alone shows, without a model of the commands: never above the total as it
/// is, none before the start or after the end, none while issuing is paused or the campaign is
/// archived, no serial twice, one coupon per claim, nothing for a deleted campaign, time in order;
/// no coupon redeemed twice, while that is paused, before it may be or when it has expired, no
/// redemption canceled but the present one, nothing done with an invalid coupon, no place returned
/// twice, no request carried out twice; no user above the limit, unless coupons were freed; no
/// coupon's text erased twice, and nothing finished that was not erased.
void CheckLog(const SimulatedLog& log);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_CHECKS_H_

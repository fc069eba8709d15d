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

/// The ledger is what the model says, campaign by campaign and claim by claim.
void CheckLedger(const Ledger& ledger, const test::Model& model);

/// The views are what the model says that they are at their checkpoint: every row, coupon and
/// claim.
void CheckViews(const ViewStore& views, const test::Model& model, const SimulatedLog& log);

/// The same for one campaign: its row, and up to `limit` coupons from `first_ordinal` on. Returns
/// how many coupons were read.
std::uint64_t CheckCampaignView(const ViewStore& views, const test::ModelCampaign& campaign,
                                Sequence checkpoint, std::uint64_t first_ordinal,
                                std::uint64_t limit);

/// What can be seen in the log alone, without a model of the commands: never above the total, none
/// before the start, no serial twice, one coupon a claim, nothing of what is deleted, time in
/// order.
void CheckLog(const SimulatedLog& log);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_CHECKS_H_

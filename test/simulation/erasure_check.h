#ifndef COUPOND_TEST_SIMULATION_ERASURE_CHECK_H_
#define COUPOND_TEST_SIMULATION_ERASURE_CHECK_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_views.h"

/// What the disk alone shows of erased users, without a model. The checks throw a Violation.
namespace coupond::simulation {

/// Every coupon with a user, and what was erased, as the log on the disk has them. The log must
/// outlive it.
class LoggedErasures {
 public:
  /// `end` is the last sequence to look at; nullopt: all.
  explicit LoggedErasures(const std::vector<CommitGroup>& groups, std::optional<Sequence> end = {});

  struct Coupon {
    CampaignNumber campaign;
    std::uint64_t ordinal = 0;
    Sequence sequence;         ///< of its event
    std::string_view user_id;  ///< empty: its text is gone
    std::optional<Sequence> erased = {};
  };
  [[nodiscard]] const std::unordered_map<Serial, Coupon>& coupons() const { return coupons_; }
  /// Returns the erasures that are not finished, in order.
  [[nodiscard]] const std::vector<ErasureRow>& unfinished() const { return unfinished_; }
  [[nodiscard]] bool IsFinished(const Coupon& coupon) const {
    return coupon.erased && coupon.erased <= finished_;
  }

 private:
  std::unordered_map<Serial, Coupon> coupons_;
  std::vector<ErasureRow> unfinished_;
  std::optional<Sequence> finished_;
};

/// Checks that no record of the log and no row of the views has a text of which the log says that
/// it is gone from the files, whatever version of the row a crash may bring back.
void CheckFinishedErasures(const SimulatedLog& log, const SimulatedViews& views);

/// Checks that nobody who reads the log now gets a text that was erased.
void CheckNobodyReadsErased(const SimulatedLog& log);

/// Checks that all that was erased is gone from the files, and that the log says so.
void CheckAllErasuresFinished(const SimulatedLog& log);

/// Checks that the views list the erasures that are not finished at their checkpoint.
void CheckErasureRows(const ViewStore& views, Sequence checkpoint, const SimulatedLog& log);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_ERASURE_CHECK_H_

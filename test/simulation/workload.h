#ifndef COUPOND_TEST_SIMULATION_WORKLOAD_H_
#define COUPOND_TEST_SIMULATION_WORKLOAD_H_

#include <string>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/timestamp.h"
#include "simulation/plan.h"
#include "simulation/random.h"

namespace coupond::simulation {

/// Draws the commands of the clients: mostly issues from a handful of campaigns, some of them wrong
/// in several ways at once.
class Workload {
 public:
  Workload(const Plan& plan, Random& random) : plan_(plan), random_(random) {}

  /// Draws a command. `now` is about the server's time.
  [[nodiscard]] Command Draw(Timestamp now);
  /// Returns the same request once more. The server draws a new campaign id each time.
  [[nodiscard]] Command Repeat(const Command& command);
  /// Records that there is no such campaign: most requests are for others from now on.
  void Forget(const CampaignId& campaign);

 private:
  struct Known {
    CampaignId id;
    std::string name;
  };

  [[nodiscard]] CreateCampaign DrawCreate(Timestamp now);
  void MakeFaulty(CreateCampaign& command, Timestamp now);
  [[nodiscard]] IssueCoupon DrawIssue();
  [[nodiscard]] DeleteCampaign DrawDelete();
  template <typename Id>
  [[nodiscard]] Id DrawId();
  [[nodiscard]] std::string DrawName();
  void Remember(const CreateCampaign& command);
  /// Returns one that may exist, the newest more often.
  [[nodiscard]] const Known& PickKnown();

  const Plan& plan_;
  Random& random_;
  std::vector<Known> known_;  // the latest few that were asked for
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_WORKLOAD_H_

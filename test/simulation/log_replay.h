#ifndef COUPOND_TEST_SIMULATION_LOG_REPLAY_H_
#define COUPOND_TEST_SIMULATION_LOG_REPLAY_H_

#include <cstddef>
#include <vector>

#include "engine/ports/event_log.h"
#include "engine/rules/ledger.h"

namespace coupond::simulation {

/// The ledger after all groups of a log, applied one after the other.
class LogReplay {
 public:
  /// Applies the groups that follow those of the last call.
  void Follow(const std::vector<CommitGroup>& groups) {
    for (; done_ < groups.size(); ++done_) {
      EventPlace place{.time = groups[done_].commit_time, .sequence = groups[done_].first_sequence};
      for (const Event& event : groups[done_].events) {
        Apply(ledger_, event, place);
        place.sequence = place.sequence.Next();
      }
    }
  }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  Ledger ledger_;
  std::size_t done_ = 0;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_LOG_REPLAY_H_

#ifndef COUPOND_TEST_FAULTS_ACKNOWLEDGEMENTS_H_
#define COUPOND_TEST_FAULTS_ACKNOWLEDGEMENTS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "engine/rules/command.h"
#include "engine/sequencer/reply.h"

namespace coupond::test {

/// The requests of the clients and the replies that they got, for comparison with the contents of a
/// store afterwards. One thread.
class Acknowledgements {
 public:
  struct Told {
    Command command;
    Reply reply;
  };

  void Add(std::span<const Command> commands, std::span<const Reply> replies);

  /// In the order of Add.
  [[nodiscard]] std::span<const Told> told() const { return told_; }

  /// Returns the number of commands that were carried out, as far as their clients know.
  [[nodiscard]] std::size_t carried_out() const;
  /// Returns the number of those that redeemed a coupon.
  [[nodiscard]] std::size_t redeemed() const;

  /// Returns the faults of a store, one line each: LOST (a client was told of an event, or of one
  /// after it, and it is not in the log where the reply said), DUPLICATE, OVER-ISSUED, ABOVE THE
  /// LIMIT, FOR NOBODY, OTHER CLAIM, EARLY, LATE, PAUSED (a coupon that its campaign could not
  /// issue to that user, or could not issue or redeem then), PART OF A BATCH, NOT OF ITS BATCH,
  /// INVALID (something was done with a coupon that is not possible in its state), UNKNOWN CAMPAIGN
  /// (an event of a campaign that does not exist, or no longer), UNASKED (an event that no client
  /// asked for, or whose client was told that nothing happened), WRONG REPLY, WRONG COUPONS and
  /// UNLAWFUL (the model gives others at that place in the log), VIEWS (they differ from the log).
  /// All commands of the store must have been added; those without an answer as Unavailable with an
  /// unknown outcome. The views must be up to date. Empty if the store is intact.
  [[nodiscard]] std::vector<std::string> Compare(const EventLog& log, const ViewStore& views) const;

 private:
  std::vector<Told> told_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_ACKNOWLEDGEMENTS_H_

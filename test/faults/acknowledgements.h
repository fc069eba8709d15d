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

/// What the clients asked for and were told, to be held against what a store has afterwards. One
/// thread.
class Acknowledgements {
 public:
  struct Told {
    Command command;
    Reply reply;
  };

  void Add(std::span<const Command> commands, std::span<const Reply> replies);

  /// In the order of Add.
  [[nodiscard]] std::span<const Told> told() const { return told_; }

  /// How many commands were carried out, as far as their clients know.
  [[nodiscard]] std::size_t carried_out() const;

  /// What is wrong with a store, a line each: LOST (a client was told of it, or of something after
  /// it, and it is not in the log where the reply said), DUPLICATE, OVER-ISSUED, EARLY, UNKNOWN
  /// CAMPAIGN (an event of a campaign that is not there or no more), UNASKED (an event that no
  /// client asked for, or one who was told that nothing happened), WRONG REPLY and UNLAWFUL (the
  /// model comes to another reply or event at that place in the log), VIEWS (they say something
  /// else than the log). All commands of the store must have been added, those that were never
  /// answered as Unavailable with an unknown outcome. The views must be up to date. Empty: the
  /// store is sound.
  [[nodiscard]] std::vector<std::string> Compare(const EventLog& log, const ViewStore& views) const;

 private:
  std::vector<Told> told_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_ACKNOWLEDGEMENTS_H_

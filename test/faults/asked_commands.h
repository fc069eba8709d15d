#ifndef COUPOND_TEST_FAULTS_ASKED_COMMANDS_H_
#define COUPOND_TEST_FAULTS_ASKED_COMMANDS_H_

#include "engine/rules/command.h"
#include "engine/rules/event.h"
#include "engine/sequencer/reply.h"
#include "faults/log_facts.h"

/// Which event of a log belongs to what a client asked for.
namespace coupond::test {

/// Reports whether the command led to an event, by its reply.
[[nodiscard]] bool HasEvent(const Command& command, const Reply& reply);

/// Returns a command that would have led to the event. Of a batch, it tells only how many coupons
/// there are, and of an erasure, which of them are in the event's campaign.
[[nodiscard]] Command CommandOf(const Event& event, const LogFacts& log);

/// Reports whether the command asked for may have led to what happened, a CommandOf.
[[nodiscard]] bool MayBe(const Command& asked, const Command& happened);

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_ASKED_COMMANDS_H_

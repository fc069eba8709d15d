#ifndef COUPOND_ENGINE_RULES_COMMAND_FAULTS_H_
#define COUPOND_ENGINE_RULES_COMMAND_FAULTS_H_

#include <optional>

#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

/// What is wrong with the terms of a campaign in themselves, whatever else there is.
namespace coupond {

/// Returns the moment that a start time means in a command that is decided at `time`.
[[nodiscard]] Timestamp MomentOf(const StartTime& start_time, Timestamp time);

/// Returns the first fault of the command itself, or nullopt.
[[nodiscard]] std::optional<RefusalReason> FindFault(const CreateCampaign& command, Timestamp time);

/// Returns the first fault of the new terms themselves, or nullopt. `campaign` is the one that they
/// are for, or nullptr; a start time that it has already is no fault.
[[nodiscard]] std::optional<RefusalReason> FindFault(const TermChanges& changes,
                                                     const Campaign* campaign, Timestamp time);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_COMMAND_FAULTS_H_

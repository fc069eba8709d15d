#ifndef COUPOND_ENGINE_RULES_COMMAND_FAULTS_H_
#define COUPOND_ENGINE_RULES_COMMAND_FAULTS_H_

#include <optional>
#include <string_view>

#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

/// What is wrong with a command in itself, whatever else there is: with the terms of a campaign, an
/// operator's reason, or the size of a batch.
namespace coupond {

/// Returns the moment that a start time means in a command that is decided at `time`.
[[nodiscard]] Timestamp MomentOf(const StartTime& start_time, Timestamp time);

/// Returns the first fault of the command itself, or nullopt.
[[nodiscard]] std::optional<RefusalReason> FindFault(const CreateCampaign& command, Timestamp time);

/// Returns the first fault of the new terms themselves, or nullopt. `campaign` is the one that they
/// are for, or nullptr; a start time that it has already is no fault.
[[nodiscard]] std::optional<RefusalReason> FindFault(const TermChanges& changes,
                                                     const Campaign* campaign, Timestamp time);

/// Returns the fault of the batch's size, or nullopt.
[[nodiscard]] std::optional<RefusalReason> FindFault(const BatchIssueCoupons& command);

/// Returns the fault of an operator's reason, or nullopt.
[[nodiscard]] std::optional<RefusalReason> FindFaultOfReason(std::string_view reason);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_COMMAND_FAULTS_H_

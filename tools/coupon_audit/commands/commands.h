#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_COMMANDS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_COMMANDS_H_

#include <optional>

#include "common/output.h"
#include "coupon_audit/command_line.h"
#include "coupon_audit/report/report.h"

/// The commands of coupon-audit. Each reads the options that are its own, prints its result to
/// `output`, and reports what stopped it on standard error. One thread at a time; some start others
/// and end them before they return. They throw OutputError if the result cannot be printed.
namespace coupond::audit {

/// Checks the whole store.
[[nodiscard]] ExitCode RunVerify(const Options& options, tools::Output& output);
/// Shows the campaigns as they were at some moment.
[[nodiscard]] ExitCode RunReplay(const Options& options, tools::Output& output);
/// Shows the events of the log.
[[nodiscard]] ExitCode RunLog(const Options& options, tools::Output& output);
/// Shows the coupons of one campaign, straight from the log.
[[nodiscard]] ExitCode RunExport(const Options& options, tools::Output& output);
/// Rebuilds the views of a store that no server uses. The log is read through first: if it is
/// damaged, the views stay as they are. An interruption leaves views that the next start completes.
[[nodiscard]] ExitCode RunRebuildViews(const Options& options, tools::Output& output);
/// Shows what a damaged store has lost, and cuts it off if the options accept the loss.
[[nodiscard]] ExitCode RunRepair(const Options& options, tools::Output& output);
/// Goes on from the time of this machine's clock in a store whose log ends ahead of it, if the
/// options say so.
[[nodiscard]] ExitCode RunAcceptClock(const Options& options, tools::Output& output);
/// Makes a data directory from a backup, which stays as it is.
[[nodiscard]] ExitCode RunRestore(const Options& options, tools::Output& output);
/// Makes a data directory of this version from one of an older one, which stays as it is.
[[nodiscard]] ExitCode RunUpgrade(const Options& options, tools::Output& output);

/// Refuses a data directory that only RunUpgrade can read, with the command that upgrades it.
/// Returns nullopt if it is none.
[[nodiscard]] std::optional<ExitCode> RefuseOlderStore(const Options& options,
                                                       tools::Output& output);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_COMMANDS_H_

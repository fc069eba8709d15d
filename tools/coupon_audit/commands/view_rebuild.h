#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_VIEW_REBUILD_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_VIEW_REBUILD_H_

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "engine/ports/commit_group.h"

namespace coupond::audit {

/// What was made.
struct ViewRebuildReport {
  LogTip tip;                   ///< the views have come to here
  std::uint64_t campaigns = 0;  ///< that are live
  std::uint64_t coupons = 0;    ///< of those
};

/// Groups done, of how many; the log is read twice.
using ViewRebuildProgress = std::function<void(std::uint64_t done, std::uint64_t groups)>;

/// Removes the views of a store that no server uses, and makes them anew from the log with the
/// engine's own projection. The log is read through first: if it is damaged, the views stay as they
/// are. An interruption leaves views that the next start completes. Errors as those of Store::Open;
/// kNotADataDirectory: there is no finished store. One thread.
[[nodiscard]] Result<ViewRebuildReport> RebuildViews(const std::filesystem::path& path,
                                                     const ViewRebuildProgress& progress);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_VIEW_REBUILD_H_

#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VERIFICATION_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VERIFICATION_H_

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/error.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/read/stored_views.h"
#include "engine/ports/commit_group.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace coupond::audit {

/// What verifying has seen; with a violation, what was found sound before it.
struct VerificationReport {
  StoreId store_id;
  LogTip tip;  ///< the last group that was read; its number and sequence count groups and events
  Timestamp first_time;
  std::uint64_t campaigns_live = 0;
  std::uint64_t campaigns_deleted = 0;
  std::uint64_t coupons = 0;  ///< issued, also of deleted campaigns
  std::uint64_t codes_checked = 0;
  std::uint64_t log_bytes = 0;       ///< on the disk
  std::uint64_t left_out_bytes = 0;  ///< at the log's end: a write that was not finished
  GroupNumber watermark;
  ViewsState views = ViewsState::kNone;
  GroupNumber views_checkpoint;          ///< with kPresent
  std::uint64_t view_rows_compared = 0;  ///< with kPresent
  double seconds = 0;

  std::optional<Violation> violation;  ///< nothing: the store is sound

  [[nodiscard]] bool sound() const { return !violation.has_value(); }
};

/// Called now and then, on the thread that called Verify: groups done, and groups in all.
using ShowProgress = std::function<void(GroupNumber done, GroupNumber all)>;

/// Reads a whole store and makes every check that the auditor knows (docs/AUDIT.md). The server may
/// run or not; nothing is changed. What the log violates goes before what the views do, also
/// before views that cannot be read. Uses a few
/// threads until it returns. The error: nothing could be found out.
[[nodiscard]] Result<VerificationReport> Verify(const std::filesystem::path& directory,
                                                const ShowProgress& show_progress);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VERIFICATION_H_

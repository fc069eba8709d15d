#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_STORED_VIEWS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_STORED_VIEWS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "coupon_audit/model/finding.h"
#include "engine/ports/view_store.h"
#include "storage/views/stored_view_rows.h"

namespace coupond::audit {

/// Whether there are views that can be compared with the log: only with kPresent. The other states
/// are no violation, because the server rebuilds such views at its next start.
enum class ViewsState : std::uint8_t {
  kNone,            ///< no directory, or no rows in it: not built yet, or never flushed
  kMarkedDamaged,   ///< the server met damage and left the file DAMAGED
  kOfOtherVersion,  ///< their rows have another shape
  kPresent,
};

/// Returns "none", "marked_damaged", "of_other_version" or "present".
[[nodiscard]] std::string_view StateName(ViewsState state);

/// The rows of a data directory's views, opened for reading only: as of the server's last flush,
/// because what it holds in memory is not on disk. Open them before the log, or a running server's
/// views could be ahead of the log that is read. Any thread.
class StoredViews {
 public:
  [[nodiscard]] static Audited<StoredViews> Open(const std::filesystem::path& data_directory);

  [[nodiscard]] ViewsState state() const { return state_; }
  /// The following are valid only with kPresent. The checkpoint is how far the views have come, as
  /// they say themselves.
  [[nodiscard]] const storage::StoredViewRows& rows() const { return *rows_; }
  [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }
  [[nodiscard]] const std::string& checkpoint_bytes() const { return checkpoint_bytes_; }

 private:
  explicit StoredViews(ViewsState state) : state_(state) {}

  ViewsState state_;
  std::unique_ptr<storage::StoredViewRows> rows_;
  Checkpoint checkpoint_;
  std::string checkpoint_bytes_;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_STORED_VIEWS_H_

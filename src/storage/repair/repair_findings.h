#ifndef COUPOND_STORAGE_REPAIR_REPAIR_FINDINGS_H_
#define COUPOND_STORAGE_REPAIR_REPAIR_FINDINGS_H_

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "engine/rules/ids.h"
#include "storage/files/watermark.h"
#include "storage/repair/log_salvage.h"

namespace coupond::storage {

/// What is wrong with a data directory, and what would be lost by accepting it.
struct RepairFindings {
  /// Why the log cannot be used as it is; nothing: it can.
  std::optional<Error> log_damage;
  /// What is sound of it, and what lies behind that.
  LogSurvey survey;
  /// What WATERMARK says, or why it says nothing.
  Result<Watermark> watermark;
  /// The group that the views have seen, and its last event, if they can be read.
  GroupNumber views_group;
  Sequence views_sequence;

  /// The last group that is known to have been acknowledged: by WATERMARK or by the views.
  [[nodiscard]] GroupNumber acknowledged() const;
  /// How many groups that were acknowledged to callers are not in the sound part.
  [[nodiscard]] std::uint64_t acknowledged_lost() const;
  /// What is known to be lost: behind the sound part up to the last group that is known of, because
  /// it was acknowledged or because it is there. It may be more.
  struct Loss {
    std::uint64_t groups = 0;
    std::uint64_t events = 0;
    std::uint64_t coupons = 0;  ///< of those groups only that can be read
  };
  [[nodiscard]] Loss known_loss() const;
  [[nodiscard]] bool needs_repair() const;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_REPAIR_FINDINGS_H_

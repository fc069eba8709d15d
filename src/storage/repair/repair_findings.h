#ifndef COUPOND_STORAGE_REPAIR_REPAIR_FINDINGS_H_
#define COUPOND_STORAGE_REPAIR_REPAIR_FINDINGS_H_

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "engine/rules/ids.h"
#include "storage/files/watermark.h"
#include "storage/repair/log_salvage.h"

namespace coupond::storage {

/// What is wrong with a data directory, and what is lost by accepting it.
struct RepairFindings {
  /// Why the log cannot be used as it is; nullopt if it can.
  std::optional<Error> log_damage;
  /// Its sound part, and what lies behind that.
  LogSurvey survey;
  /// The watermark, or why it cannot be read.
  Result<Watermark> watermark;
  /// The last group in the views and its last event, if they can be read.
  GroupNumber views_group;
  Sequence views_sequence;

  /// Returns the last group that is known to have been acknowledged, from WATERMARK or the views.
  [[nodiscard]] GroupNumber acknowledged() const;
  /// Returns how many acknowledged groups are not in the sound part.
  [[nodiscard]] std::uint64_t acknowledged_lost() const;
  /// What is known to be lost: everything behind the sound part, up to the last group that was
  /// acknowledged or can be read. It may be more.
  struct Loss {
    std::uint64_t groups = 0;
    std::uint64_t events = 0;
    std::uint64_t coupons = 0;  ///< only in groups that can be read
  };
  [[nodiscard]] Loss known_loss() const;
  [[nodiscard]] bool needs_repair() const;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_REPAIR_FINDINGS_H_

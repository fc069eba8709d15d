#include "storage/repair/repair_findings.h"

#include <algorithm>

namespace coupond::storage {

GroupNumber RepairFindings::acknowledged() const {
  return std::max(watermark ? watermark->group : GroupNumber(), views_group);
}

std::uint64_t RepairFindings::acknowledged_lost() const {
  const std::uint64_t known = acknowledged().value();
  return known - std::min(known, survey.sound.group.value());
}

RepairFindings::Loss RepairFindings::known_loss() const {
  const LogTip& sound = survey.sound;
  const GroupNumber last = std::max({sound.group, acknowledged(), survey.behind.last});
  // Sequences have no gaps, and a group has at least one event.
  const auto events_up_to = [&](GroupNumber group, Sequence sequence) -> std::uint64_t {
    if (group <= sound.group || sequence <= sound.sequence) return 0;
    return sequence.value() - sound.sequence.value() + (last.value() - group.value());
  };
  const std::uint64_t groups = last.value() - sound.group.value();
  return {.groups = groups,
          .events = std::max({groups, events_up_to(views_group, views_sequence),
                              events_up_to(survey.behind.last, survey.behind.last_sequence)}),
          .coupons = survey.behind.coupons};
}

bool RepairFindings::needs_repair() const {
  return log_damage || !watermark || acknowledged_lost() > 0;
}

}  // namespace coupond::storage

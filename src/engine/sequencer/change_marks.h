#ifndef COUPOND_ENGINE_SEQUENCER_CHANGE_MARKS_H_
#define COUPOND_ENGINE_SEQUENCER_CHANGE_MARKS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"

namespace coupond {

/// When campaigns last changed: what tells, without a lock, whether something that was read earlier
/// still holds.
///
/// Campaigns share a fixed number of marks (32 KiB), so the last change may be that of another
/// campaign. Then what still holds is taken for old, never the other way round.
///
/// Threads: Mark on the sequencer's; the rest from any.
class ChangeMarks {
 public:
  /// Marks the campaigns that the group changes. Call before anyone can learn of the group.
  void Mark(const CommitGroup& group);

  /// Returns a sequence after which the campaign has not changed. Changes that were made before the
  /// process started have the sequence 0.
  [[nodiscard]] Sequence LastChange(CampaignNumber campaign) const {
    return Sequence(marks_[campaign.value() % kMarks].load(std::memory_order_acquire));
  }
  /// Returns a sequence after which no campaign has changed.
  [[nodiscard]] Sequence LastChange() const {
    return Sequence(last_change_.load(std::memory_order_acquire));
  }

 private:
  static constexpr std::size_t kMarks = 4'096;

  std::atomic<std::uint64_t> last_change_ = 0;
  std::array<std::atomic<std::uint64_t>, kMarks> marks_{};
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_CHANGE_MARKS_H_

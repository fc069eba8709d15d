#include "engine/sequencer/change_marks.h"

#include <string_view>
#include <type_traits>
#include <variant>

#include "engine/rules/event.h"

namespace coupond {

void ChangeMarks::Mark(const CommitGroup& group) {
  const std::uint64_t sequence = group.last_sequence().value();
  last_change_.store(sequence, std::memory_order_release);
  // Every kind of event that changes a campaign has its number.
  const auto mark_field = [&]<typename Field>(std::string_view, const Field& field) {
    if constexpr (std::is_same_v<Field, CampaignNumber>) {
      marks_[field.value() % kMarks].store(sequence, std::memory_order_release);
    }
  };
  for (const Event& event : group.events) {
    std::visit([&](const auto& kind) { kind.VisitFields(mark_field); }, event);
  }
}

}  // namespace coupond

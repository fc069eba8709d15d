#include "coupon_audit/model/model_campaign.h"

#include <fmt/format.h>

namespace coupond::audit {

std::uint64_t ModelCampaign::reserved() const {
  std::uint64_t count = 0;
  for (const SerialRange& range : serials) count += range.count;
  return count;
}

std::optional<Serial> ModelCampaign::SerialOf(std::uint64_t ordinal) const {
  for (const SerialRange& range : serials) {
    if (ordinal < range.count) return Serial(range.first.value() + ordinal);
    ordinal -= range.count;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ModelCampaign::OrdinalOf(Serial serial) const {
  std::uint64_t before = 0;
  for (const SerialRange& range : serials) {
    if (serial >= range.first && serial.value() - range.first.value() < range.count) {
      return before + serial.value() - range.first.value();
    }
    before += range.count;
  }
  return std::nullopt;
}

std::string SerialsText(const std::vector<SerialRange>& ranges) {
  std::string text;
  for (const SerialRange& range : ranges) {
    if (range.count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} to {}", range.first.value(), range.first.value() + range.count - 1);
  }
  return text.empty() ? "none" : text;
}

}  // namespace coupond::audit

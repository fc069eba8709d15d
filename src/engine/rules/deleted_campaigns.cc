#include "engine/rules/deleted_campaigns.h"

#include <optional>

namespace coupond {
namespace {

constexpr int kRangesPerPart = 64;

/// Forgets whose the last serials are. Returns false if there were none.
bool FreeSerials(SerialRanges& serials, std::map<Serial, CampaignNumber>& by_serial) {
  for (int i = 0; i < kRangesPerPart; ++i) {
    const std::optional<SerialRange> range = serials.TakeLast();
    if (!range) return i > 0;
    by_serial.erase(range->first);
  }
  return true;
}

}  // namespace

void DeletedCampaigns::Free(std::size_t parts, std::map<Serial, CampaignNumber>& by_serial) {
  while (!remains_.empty() && parts > 0) {
    Remains& oldest = remains_.front();
    const bool freed = FreeSerials(oldest.serials, by_serial) || oldest.claims.FreePart() ||
                       oldest.issue_times.FreePart() || oldest.states.FreePart() ||
                       oldest.holders.FreePart();
    if (freed) {
      --parts;
    } else {
      remains_.pop_front();
    }
  }
}

}  // namespace coupond

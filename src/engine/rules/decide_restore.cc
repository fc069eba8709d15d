#include "engine/rules/decide_restore.h"

#include "engine/rules/limits.h"

namespace coupond {
namespace {

/// Which part of the serials that are left is passed over, which part the new ones begin in, and
/// which part they may take: so that there is room for further restores.
constexpr std::uint64_t kPartOfRoom = 8;

static_assert(limits::kLiveCampaignsMax * limits::kCouponsPerCampaignMax <
                  limits::kRestoredSerialEnd / kPartOfRoom,
              "no number of live campaigns keeps a new store from being restored");

}  // namespace

std::optional<StoreRestored> DecideRestore(const Ledger& ledger, std::uint64_t random) {
  const std::uint64_t next = ledger.next_serial().value();
  if (next >= limits::kRestoredSerialEnd) return std::nullopt;
  const std::uint64_t room = (limits::kRestoredSerialEnd - next) / kPartOfRoom;
  if (room == 0 || ledger.places_left() > room) return std::nullopt;
  return StoreRestored{.first_serial = ledger.next_serial().Plus(room + random % room)};
}

}  // namespace coupond

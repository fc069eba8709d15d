#ifndef COUPOND_ENGINE_RULES_DECIDE_RESTORE_H_
#define COUPOND_ENGINE_RULES_DECIDE_RESTORE_H_

#include <cstdint>
#include <optional>

#include "engine/rules/event.h"
#include "engine/rules/ledger.h"

namespace coupond {

/// Returns the event with which a store continues after it was put back to an older state, or
/// nullopt if too few serials are left. `random` is any number, each as likely as the others.
///
/// The serials that the store had given out after that state are unknown, but they followed
/// ledger.next_serial() without gaps, unless it was put back in that time too. So the new ones pass
/// over an eighth of what is left below limits::kRestoredSerialEnd, which is 2^50 serials in most
/// stores, enough for 11 million of the largest campaigns, and begin at a random place in the next
/// eighth.
///
/// They can meet those of another store that was put back and has this state in common. If each of
/// the two reserves N serials from there on, they meet with a probability of 2 N / 2^50: 1 in 50
/// million for 10 million serials each. A restore uses up at most a quarter of what is left and the
/// serials of the places, so after twelve of them it is at worst 1 in 1.5 million.
[[nodiscard]] std::optional<StoreRestored> DecideRestore(const Ledger& ledger,
                                                         std::uint64_t random);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_RESTORE_H_

#ifndef COUPOND_API_EVENTS_KEPT_EVENT_BLOCKS_H_
#define COUPOND_API_EVENTS_KEPT_EVENT_BLOCKS_H_

#include <array>
#include <compare>
#include <cstddef>
#include <list>
#include <map>
#include <memory>

#include "api/events/event_block.h"
#include "engine/rules/ids.h"
#include "rpc/connect/codec.h"

namespace coupond::api {

using EventBlockPtr = std::shared_ptr<const EventBlock>;

/// A block that is wanted: of this encoding, from this sequence on.
struct WantedBlock {
  connect::Codec codec = connect::Codec::kProto;
  Sequence first;

  friend auto operator<=>(const WantedBlock&, const WantedBlock&) = default;
};

/// The blocks that are kept for further readers. Those that reach at least as far as all before
/// them are kept apart from those that were made for readers of what happened long ago, which pass
/// through the whole log and would leave no room for what most readers want next.
///
/// One thread at a time. Nothing but MakeReady allocates memory or frees it, so that the rest may
/// be called with a lock that others wait for.
class KeptEventBlocks {
 private:
  struct Part {
    std::map<WantedBlock, EventBlockPtr> blocks;  // by their first sequences
    std::list<WantedBlock> order;                 // the oldest first
    std::size_t bytes = 0;
  };

 public:
  /// A block with the memory for keeping it.
  class Ready {
    friend class KeptEventBlocks;
    Part part_;
  };
  /// What is not kept any more. Its destructor frees it.
  class Dropped {
    friend class KeptEventBlocks;
    Part part_;
    Part other_part_;
  };

  /// Each of the two parts takes up to half of the memory.
  explicit KeptEventBlocks(std::size_t bytes_max) : part_bytes_max_(bytes_max / 2) {}

  [[nodiscard]] static Ready MakeReady(EventBlockPtr block);
  /// Keeps a block, unless one that begins with the same sequence is kept. Returns what had to go
  /// for it.
  [[nodiscard]] Dropped Keep(Ready ready);
  /// Returns a block that covers the sequence, or null.
  [[nodiscard]] EventBlockPtr Find(const WantedBlock& wanted) const;
  /// Drops all blocks.
  [[nodiscard]] Dropped Clear();

 private:
  /// Moves the block of a key in `from.order`.
  static void Move(Part& from, std::list<WantedBlock>::iterator key, Part& to);
  [[nodiscard]] static EventBlockPtr FindIn(const Part& part, const WantedBlock& wanted);

  const std::size_t part_bytes_max_;
  std::array<Sequence, 2> reached_;  // by codec: where the block ended that reaches furthest
  Part newest_;
  Part older_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_KEPT_EVENT_BLOCKS_H_

#include "api/events/kept_event_blocks.h"

#include <iterator>
#include <utility>

namespace coupond::api {

KeptEventBlocks::Ready KeptEventBlocks::MakeReady(EventBlockPtr block) {
  const WantedBlock key{.codec = block->codec(), .first = block->first()};
  Ready ready;
  ready.part_.order.push_back(key);
  ready.part_.bytes = block->memory_bytes();
  ready.part_.blocks.emplace(key, std::move(block));
  return ready;
}

KeptEventBlocks::Dropped KeptEventBlocks::Keep(Ready ready) {
  Part& fresh = ready.part_;
  const WantedBlock key = fresh.order.front();
  const Sequence next = fresh.blocks.begin()->second->next();
  Sequence& reached = reached_.at(static_cast<std::size_t>(key.codec));
  const bool is_newest = next >= reached;
  if (is_newest) reached = next;
  Part& part = is_newest ? newest_ : older_;
  Dropped dropped;
  if (part.blocks.contains(key)) {
    Move(fresh, fresh.order.begin(), dropped.part_);
    return dropped;
  }
  Move(fresh, fresh.order.begin(), part);
  while (part.bytes > part_bytes_max_) Move(part, part.order.begin(), dropped.part_);
  return dropped;
}

void KeptEventBlocks::Move(Part& from, std::list<WantedBlock>::iterator key, Part& to) {
  auto node = from.blocks.extract(*key);
  const std::size_t bytes = node.mapped()->memory_bytes();
  from.bytes -= bytes;
  to.bytes += bytes;
  to.blocks.insert(std::move(node));
  to.order.splice(to.order.end(), from.order, key);
}

EventBlockPtr KeptEventBlocks::Find(const WantedBlock& wanted) const {
  if (EventBlockPtr block = FindIn(newest_, wanted)) return block;
  return FindIn(older_, wanted);
}

EventBlockPtr KeptEventBlocks::FindIn(const Part& part, const WantedBlock& wanted) {
  const auto after = part.blocks.upper_bound(wanted);
  if (after == part.blocks.begin()) return nullptr;
  const auto& [key, block] = *std::prev(after);
  return key.codec == wanted.codec && block->Covers(wanted.first) ? block : nullptr;
}

KeptEventBlocks::Dropped KeptEventBlocks::Clear() {
  Dropped dropped;
  std::swap(newest_, dropped.part_);
  std::swap(older_, dropped.other_part_);
  return dropped;
}

}  // namespace coupond::api

#ifndef COUPOND_ENGINE_RULES_CHUNKED_VECTOR_H_
#define COUPOND_ENGINE_RULES_CHUNKED_VECTOR_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace coupond {

/// A vector in chunks of `kChunkItems` items: growing never moves more than one chunk
/// and the list of chunks, and the memory can be given back chunk by chunk. A full chunk never
/// moves.
///
/// Takes no memory beside the object while it is empty, and about as much as a vector while it has
/// one chunk. (A deque has half a kilobyte from the start, and most campaigns have nothing to
/// hold.)
template <typename Item, std::size_t kChunkItems>
class ChunkedVector {
 public:
  [[nodiscard]] bool empty() const { return chunks_.empty(); }
  [[nodiscard]] std::size_t size() const {
    return empty() ? 0 : (chunks_.size() - 1) * kChunkItems + chunks_.back().size();
  }

  [[nodiscard]] const Item& operator[](std::size_t place) const {
    return chunks_[place / kChunkItems][place % kChunkItems];
  }
  [[nodiscard]] Item& operator[](std::size_t place) {
    return chunks_[place / kChunkItems][place % kChunkItems];
  }
  [[nodiscard]] const Item& back() const { return chunks_.back().back(); }
  [[nodiscard]] Item& back() { return chunks_.back().back(); }

  void push_back(Item item) {
    if (empty() || chunks_.back().size() == kChunkItems) chunks_.emplace_back();
    chunks_.back().push_back(std::move(item));
  }
  void pop_back() {
    chunks_.back().pop_back();
    if (chunks_.back().empty()) chunks_.pop_back();
  }
  /// Removes the last chunk. There must be one.
  void PopChunk() { chunks_.pop_back(); }

  /// Returns the number of items before the first one for which `is_before` is false. It must be
  /// true for all items up to one, and false from there on.
  template <typename IsBefore>
  [[nodiscard]] std::size_t PartitionPoint(IsBefore is_before) const {
    const auto chunk = std::partition_point(
        chunks_.begin(), chunks_.end(),
        [&](const std::vector<Item>& items) { return is_before(items.back()); });
    if (chunk == chunks_.end()) return size();
    const auto item = std::partition_point(chunk->begin(), chunk->end(), is_before);
    return static_cast<std::size_t>(chunk - chunks_.begin()) * kChunkItems +
           static_cast<std::size_t>(item - chunk->begin());
  }

  /// Calls visit(item) for each, in order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const std::vector<Item>& items : chunks_) {
      for (const Item& item : items) visit(item);
    }
  }

  friend bool operator==(const ChunkedVector&, const ChunkedVector&) = default;

 private:
  std::vector<std::vector<Item>> chunks_;  // none is empty; all but the last are full
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_CHUNKED_VECTOR_H_

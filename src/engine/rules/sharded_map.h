#ifndef COUPOND_ENGINE_RULES_SHARDED_MAP_H_
#define COUPOND_ENGINE_RULES_SHARDED_MAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>

namespace coupond {

/// A hash map that never grows all at once: it is 256 of them, by bits of the hash, and each moves
/// its own entries when it needs more room. With a million entries that is 4,000 at a time.
///
/// References stay valid until the entry is erased. Takes 14 KiB while it is empty.
template <typename Key, typename Value>
class ShardedMap {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Returns the value of the key, or nullptr.
  [[nodiscard]] const Value* Find(const Key& key) const {
    const auto& shard = shards_[ShardOf(key)];
    const auto found = shard.find(key);
    return found == shard.end() ? nullptr : &found->second;
  }
  [[nodiscard]] Value* Find(const Key& key) {
    return const_cast<Value*>(std::as_const(*this).Find(key));
  }

  /// Gives the key a value, in place of an earlier one.
  void Put(const Key& key, Value value) {
    size_ += shards_[ShardOf(key)].insert_or_assign(key, std::move(value)).second ? 1 : 0;
  }
  /// Returns the value of the key, which gets a new one if it has none.
  [[nodiscard]] Value& FindOrAdd(const Key& key) {
    const auto [entry, is_new] = shards_[ShardOf(key)].try_emplace(key);
    size_ += is_new ? 1 : 0;
    return entry->second;
  }
  void Erase(const Key& key) { size_ -= shards_[ShardOf(key)].erase(key); }

  /// Calls visit(key, value) for each entry, in no meaningful order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& shard : shards_) {
      for (const auto& [key, value] : shard) visit(key, value);
    }
  }

 private:
  static constexpr std::size_t kShards = 256;

  /// Mixes the hash, because numbers in a row would fill all shards alike, and all would grow
  /// within a few insertions. The finalizer of MurmurHash3.
  [[nodiscard]] static std::size_t ShardOf(const Key& key) {
    std::uint64_t hash = std::hash<Key>{}(key);
    hash = (hash ^ (hash >> 33U)) * 0xFF51AFD7ED558CCDU;
    hash = (hash ^ (hash >> 33U)) * 0xC4CEB9FE1A85EC53U;
    return (hash ^ (hash >> 33U)) % kShards;
  }

  std::array<std::unordered_map<Key, Value>, kShards> shards_;
  std::size_t size_ = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_SHARDED_MAP_H_

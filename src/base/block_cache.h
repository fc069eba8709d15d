#ifndef COUPOND_BASE_BLOCK_CACHE_H_
#define COUPOND_BASE_BLOCK_CACHE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"

namespace coupond {

/// Memory for objects of one type that come and go with each request: what one gives back serves
/// the next, so that they cost no allocation once as many have existed at the same time.
///
/// Belongs to the thread that takes memory. Blocks that another thread gives back are not kept.
class BlockCache {
 public:
  BlockCache() = default;
  ~BlockCache() {
    for (void* const block : free_) ::operator delete(block);
  }
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  /// Returns a block of `bytes`, which must be the same in each call.
  [[nodiscard]] void* Take(std::size_t bytes) {
    COUPOND_CHECK(bytes_ == 0 || bytes_ == bytes);
    bytes_ = bytes;
    if (free_.empty()) {
      owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
      return ::operator new(bytes);
    }
    void* const block = free_.back();
    free_.pop_back();
    return block;
  }
  void Give(void* block) noexcept {
    const std::thread::id owner = owner_.load(std::memory_order_relaxed);
    if (std::this_thread::get_id() != owner || free_.size() >= kBlocksMax) {
      return ::operator delete(block);
    }
    try {
      free_.push_back(block);
    } catch (...) {
      ::operator delete(block);
    }
  }

  /// Returns the number of blocks that wait for the next. For the owner's thread.
  [[nodiscard]] std::size_t kept() const { return free_.size(); }

 private:
  /// More are not kept, so that one crowd does not hold its memory forever.
  static constexpr std::size_t kBlocksMax = 1'024;

  std::atomic<std::thread::id> owner_{};
  std::size_t bytes_ = 0;  // of each block; 0 before the first
  std::vector<void*> free_;
};

/// An allocator for std::allocate_shared whose memory comes from a BlockCache. The cache lives as
/// long as anything that was allocated from it.
template <typename T>
class CachedAllocator {
 public:
  using value_type = T;

  explicit CachedAllocator(std::shared_ptr<BlockCache> cache) : cache_(std::move(cache)) {}
  template <typename Other>
  // NOLINTNEXTLINE(google-explicit-constructor): allocators convert
  CachedAllocator(const CachedAllocator<Other>& other) : cache_(other.cache()) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return static_cast<T*>(cache_->Take(count * sizeof(T)));
  }
  void deallocate(T* block, std::size_t /*count*/) noexcept { cache_->Give(block); }
  [[nodiscard]] const std::shared_ptr<BlockCache>& cache() const { return cache_; }

  template <typename Other>
  friend bool operator==(const CachedAllocator& one, const CachedAllocator<Other>& other) {
    return one.cache() == other.cache();
  }

 private:
  std::shared_ptr<BlockCache> cache_;
};

}  // namespace coupond

#endif  // COUPOND_BASE_BLOCK_CACHE_H_

#ifndef COUPOND_BASE_SLOTS_H_
#define COUPOND_BASE_SLOTS_H_

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace coupond {

/// A bounded number of places, for connections or anything else, shared by all workers. Any thread
/// may use it. Must outlive the slots that it gave out.
class Slots {
 public:
  /// One place. Returned when this is destroyed.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~Slot() {
      if (owner_ != nullptr) owner_->taken_.fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    friend class Slots;
    explicit Slot(Slots* owner) : owner_(owner) {}
    Slots* owner_;
  };

  explicit Slots(std::size_t slots_max) : slots_max_(slots_max) {}

  /// Returns a place, or nullopt if all are taken.
  [[nodiscard]] std::optional<Slot> Take() {
    if (taken_.fetch_add(1, std::memory_order_relaxed) >= slots_max_) {
      taken_.fetch_sub(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return Slot(this);
  }

  /// Returns the number of places that are taken, and for a moment perhaps one more.
  [[nodiscard]] std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  const std::size_t slots_max_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace coupond

#endif  // COUPOND_BASE_SLOTS_H_

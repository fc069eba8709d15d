#ifndef COUPOND_API_HTTP_CONNECTION_SLOTS_H_
#define COUPOND_API_HTTP_CONNECTION_SLOTS_H_

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace coupond::http {

/// A bounded number of places for connections, shared by all workers. Any thread. Must outlive the
/// slots that it gave out.
class ConnectionSlots {
 public:
  /// One place; given back when destroyed.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~Slot();

   private:
    friend class ConnectionSlots;
    explicit Slot(ConnectionSlots* owner) : owner_(owner) {}
    ConnectionSlots* owner_;
  };

  explicit ConnectionSlots(std::size_t slots_max) : slots_max_(slots_max) {}

  /// A place, or nothing when all are taken.
  [[nodiscard]] std::optional<Slot> Take();

 private:
  const std::size_t slots_max_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace coupond::http

#endif  // COUPOND_API_HTTP_CONNECTION_SLOTS_H_

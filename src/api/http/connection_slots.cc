#include "api/http/connection_slots.h"

namespace coupond::http {

ConnectionSlots::Slot::~Slot() {
  if (owner_ != nullptr) owner_->taken_.fetch_sub(1, std::memory_order_relaxed);
}

std::optional<ConnectionSlots::Slot> ConnectionSlots::Take() {
  if (taken_.fetch_add(1, std::memory_order_relaxed) >= slots_max_) {
    taken_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return Slot(this);
}

}  // namespace coupond::http

#ifndef COUPOND_API_TICKET_TABLE_H_
#define COUPOND_API_TICKET_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace coupond::service {

/// Things that wait on a worker for an answer from another thread, found again by their tickets.
/// The answer carries the ticket only, so what waits never leaves the worker's thread. A ticket is
/// used again once it was taken.
template <typename Waiting>
class TicketTable {
 public:
  [[nodiscard]] std::uint64_t Add(Waiting waiting) {
    if (free_.empty()) {
      waiting_.push_back(std::move(waiting));
      return waiting_.size() - 1;
    }
    const std::uint64_t ticket = free_.back();
    free_.pop_back();
    waiting_[ticket] = std::move(waiting);
    return ticket;
  }

  /// Gives back what waits with the ticket; an empty one after Clear.
  [[nodiscard]] Waiting Take(std::uint64_t ticket) {
    if (ticket >= waiting_.size()) return Waiting();
    Waiting taken = std::exchange(waiting_[ticket], Waiting());
    free_.push_back(ticket);
    return taken;
  }

  /// Drops all that waits. Nothing may be added afterwards.
  void Clear() {
    free_.clear();
    waiting_.clear();
  }

 private:
  std::vector<Waiting> waiting_;
  std::vector<std::uint64_t> free_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_TICKET_TABLE_H_

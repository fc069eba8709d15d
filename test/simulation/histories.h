#ifndef COUPOND_TEST_SIMULATION_HISTORIES_H_
#define COUPOND_TEST_SIMULATION_HISTORIES_H_

#include <cstddef>
#include <vector>

#include "engine/rules/ids.h"

namespace coupond::simulation {

/// The histories of one store: the first, and another each time that the store is put back to an
/// older state. Two of them share their events up to the point at which they part. Histories are
/// numbered from 0.
class Histories {
 public:
  [[nodiscard]] std::size_t present() const { return branches_.size() - 1; }

  /// Begins a history, the present one from now on, that has the events of `history` up to `last`.
  void Branch(std::size_t history, Sequence last) {
    branches_.push_back({.from = history, .last = last});
  }

  /// Returns the history in which the present one's event with that sequence was written.
  [[nodiscard]] std::size_t WriterOf(Sequence sequence) const {
    std::size_t history = present();
    while (history > 0 && sequence <= branches_[history].last) history = branches_[history].from;
    return history;
  }

 private:
  struct BranchPoint {
    std::size_t from = 0;
    Sequence last;  // of the events that it shares with `from`
  };

  std::vector<BranchPoint> branches_ = {{}};
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_HISTORIES_H_

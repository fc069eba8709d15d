#include "system/crash/fault_log.h"

#include <numeric>
#include <utility>

namespace coupond::test {

std::string_view FaultName(FaultKind kind) {
  static constexpr std::array<std::string_view, kFaultKinds> kNames{
      "LOST",        "REDEMPTION LOST", "CHANGE LOST", "DUPLICATE",
      "OVER-ISSUED", "EARLY",           "RETURNED",    "UNEXPECTED"};
  return kNames.at(static_cast<std::size_t>(kind));
}

void FaultLog::Add(FaultKind kind, std::string what) {
  const std::lock_guard lock(mutex_);
  ++counts_.at(static_cast<std::size_t>(kind));
  if (kept_.size() < kKeptMax) kept_.push_back({kind, std::move(what)});
}

std::size_t FaultLog::count(FaultKind kind) const {
  const std::lock_guard lock(mutex_);
  return counts_.at(static_cast<std::size_t>(kind));
}

std::size_t FaultLog::total() const {
  const std::lock_guard lock(mutex_);
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

std::vector<Fault> FaultLog::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

}  // namespace coupond::test

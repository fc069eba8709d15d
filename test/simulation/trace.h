#ifndef COUPOND_TEST_SIMULATION_TRACE_H_
#define COUPOND_TEST_SIMULATION_TRACE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace coupond::simulation {

/// The steps of a run: a digest of all of them, which is the same when the seed is run again, and
/// the last ones in words, for whoever must understand a failure.
class Trace {
 public:
  /// Adds a step. `what` must be a literal, because only the pointer is kept. Each {} in it stands
  /// for one of the numbers, in this order.
  void Add(const char* what, std::uint64_t first = 0, std::uint64_t second = 0,
           std::uint64_t third = 0);

  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  /// Returns the last steps in words, the oldest first.
  [[nodiscard]] std::vector<std::string> Last(std::size_t count) const;

 private:
  static constexpr std::size_t kKept = 256;

  struct Step {
    const char* what = nullptr;
    std::array<std::uint64_t, 3> numbers{};
  };

  std::array<Step, kKept> steps_{};
  std::uint64_t added_ = 0;
  std::uint64_t digest_ = 0xCBF29CE484222325U;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_TRACE_H_

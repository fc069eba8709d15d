#ifndef COUPOND_TEST_SIMULATION_RANDOM_H_
#define COUPOND_TEST_SIMULATION_RANDOM_H_

#include <cstdint>

namespace coupond::simulation {

/// Numbers that depend on a seed alone, and are the same with every compiler and library (those of
/// the standard's distributions are not). SplitMix64: Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
  }
  /// Returns a number from 0 to bound - 1; bound must not be 0.
  std::uint64_t Below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(Next()) * bound) >> 64);
  }
  /// Returns a number from `low` to `high`, both included.
  std::uint64_t Between(std::uint64_t low, std::uint64_t high) {
    return low + Below(high - low + 1);
  }
  /// Returns true once in `n` times on average; 0: never.
  bool OneIn(std::uint64_t n) { return n != 0 && Below(n) == 0; }
  bool Percent(std::uint64_t percent) { return Below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_RANDOM_H_

#ifndef COUPOND_BASE_ENTROPY_H_
#define COUPOND_BASE_ENTROPY_H_

#include <array>
#include <cstdint>

namespace coupond {

/// A source of random bytes for ids and keys. Any thread.
class Entropy {
 public:
  virtual ~Entropy() = default;
  /// Returns 16 unpredictable bytes.
  [[nodiscard]] virtual std::array<std::uint8_t, 16> Random16() = 0;
};

/// The kernel's generator (getrandom(2)).
class SystemEntropy final : public Entropy {
 public:
  [[nodiscard]] std::array<std::uint8_t, 16> Random16() override;
};

}  // namespace coupond

#endif  // COUPOND_BASE_ENTROPY_H_

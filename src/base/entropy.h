#ifndef COUPOND_BASE_ENTROPY_H_
#define COUPOND_BASE_ENTROPY_H_

#include <array>
#include <cstdint>

namespace coupond {

/// Where random bytes come from: ids and keys. Any thread.
class Entropy {
 public:
  virtual ~Entropy() = default;
  /// 16 bytes that nobody can guess.
  [[nodiscard]] virtual std::array<std::uint8_t, 16> Random16() = 0;
};

/// The kernel's generator (getrandom(2)).
class SystemEntropy final : public Entropy {
 public:
  [[nodiscard]] std::array<std::uint8_t, 16> Random16() override;
};

}  // namespace coupond

#endif  // COUPOND_BASE_ENTROPY_H_

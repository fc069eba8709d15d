#ifndef COUPOND_TEST_FUZZ_INPUT_H_
#define COUPOND_TEST_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coupond::fuzz {

/// An input, read from the front: first decisions, then the bytes themselves.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  /// Returns a number below `end` from one byte. A digit stands for its value, so seeds can be
  /// typed.
  std::size_t Choose(std::size_t end) { return static_cast<std::uint8_t>(TakeByte() - '0') % end; }
  /// Removes one byte; '0' if nothing is left.
  char TakeByte() {
    if (rest_.empty()) return '0';
    const char byte = rest_.front();
    rest_.remove_prefix(1);
    return byte;
  }
  /// Removes up to `count` bytes.
  std::string_view Take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_INPUT_H_

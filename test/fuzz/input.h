#ifndef COUPOND_TEST_FUZZ_INPUT_H_
#define COUPOND_TEST_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coupond::fuzz {

/// An input, taken apart from its front: first what is to be decided, then the bytes themselves.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  /// A number below `end`, from one byte. The digits mean themselves, so that seeds can be typed.
  std::size_t Choose(std::size_t end) { return static_cast<std::uint8_t>(TakeByte() - '0') % end; }
  /// '0' when nothing is left.
  char TakeByte() {
    if (rest_.empty()) return '0';
    const char byte = rest_.front();
    rest_.remove_prefix(1);
    return byte;
  }
  /// As many bytes as there are, at most `count`.
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

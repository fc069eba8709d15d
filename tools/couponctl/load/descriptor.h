#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_DESCRIPTOR_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace coupond::ctl {

/// Owns an open file descriptor, or nothing.
class Descriptor {
 public:
  Descriptor() = default;
  /// Takes over what open() and the like returned. A negative number is nothing.
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    Close();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }

  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }
  void Close() {
    if (is_open()) close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_DESCRIPTOR_H_

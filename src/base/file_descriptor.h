#ifndef COUPOND_BASE_FILE_DESCRIPTOR_H_
#define COUPOND_BASE_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace coupond {

/// Owns an open file or socket and closes it; a negative number is none. Errors of close(2) are
/// ignored, because whatever must be durable was synced before.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() { Close(); }

  [[nodiscard]] bool valid() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }
  void Close() {
    if (valid()) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

}  // namespace coupond

#endif  // COUPOND_BASE_FILE_DESCRIPTOR_H_

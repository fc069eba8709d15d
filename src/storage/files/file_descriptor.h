#ifndef COUPOND_STORAGE_FILES_FILE_DESCRIPTOR_H_
#define COUPOND_STORAGE_FILES_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace coupond::storage {

/// Owns an open file and closes it; a negative number is none. Errors of close(2) are ignored,
/// because whatever must be durable was synced before.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] bool valid() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_ = -1;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_FILE_DESCRIPTOR_H_

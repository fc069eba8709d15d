#ifndef COUPOND_TEST_SUPPORT_PEAK_MEMORY_H_
#define COUPOND_TEST_SUPPORT_PEAK_MEMORY_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>

namespace coupond::test {

/// Measures how far the peak of a process's memory rises above its size at construction. Linux.
class PeakMemory {
 public:
  explicit PeakMemory(pid_t pid = getpid()) : directory_("/proc/" + std::to_string(pid)) {
    // Resets the peak to the current size. Where that is forbidden, the peak is of the whole run.
    std::ofstream(directory_ + "/clear_refs") << "5";
    before_bytes_ = Read();
  }

  [[nodiscard]] std::size_t GrowthBytes() const { return Read() - before_bytes_; }

 private:
  [[nodiscard]] std::size_t Read() const {
    std::ifstream status(directory_ + "/status");
    for (std::string word; status >> word;) {
      if (word != "VmHWM:") continue;
      std::size_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1'024;
    }
    throw std::runtime_error("the process's memory cannot be read");
  }

  const std::string directory_;
  std::size_t before_bytes_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_PEAK_MEMORY_H_

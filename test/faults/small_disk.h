#ifndef COUPOND_TEST_FAULTS_SMALL_DISK_H_
#define COUPOND_TEST_FAULTS_SMALL_DISK_H_

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "support/temporary_directory.h"

namespace coupond::test {

/// A file system of a few megabytes (tmpfs) that only this process and its children see, so that
/// nothing is left mounted, however the test ends. Needs root.
class SmallDisk {
 public:
  explicit SmallDisk(std::size_t megabytes) {
    const std::string options = "mode=0700,size=" + std::to_string(megabytes) + "m";
    mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
               ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
    if (!mounted_) reason_ = std::generic_category().message(errno);
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  /// Returns why it is not mounted.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

  /// Fills the disk up to that much room.
  void FillUpTo(std::size_t bytes_left) const {
    std::ofstream stream(filler(), std::ios::binary | std::ios::app);
    const std::string page(4'096, 'x');
    while (std::filesystem::space(path()).available > bytes_left) {
      if (!stream.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) break;
    }
  }
  void MakeRoom() const { std::filesystem::remove(filler()); }

 private:
  [[nodiscard]] std::filesystem::path filler() const { return directory_.path() / "filler"; }

  TemporaryDirectory directory_;
  bool mounted_ = false;
  std::string reason_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_SMALL_DISK_H_

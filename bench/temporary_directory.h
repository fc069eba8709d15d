#ifndef COUPOND_BENCH_TEMPORARY_DIRECTORY_H_
#define COUPOND_BENCH_TEMPORARY_DIRECTORY_H_

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace coupond::bench {

/// A new directory, which is removed at the end with its contents. It is created in TMPDIR or in
/// /var/tmp, because /tmp may be memory and not a disk.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Returns the size in bytes of RocksDB's data in a directory: its tables and write-ahead logs,
/// without the files of constant size. The database must be closed, because open files are
/// preallocated.
[[nodiscard]] std::uint64_t DataBytesIn(const std::filesystem::path& directory);

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_TEMPORARY_DIRECTORY_H_

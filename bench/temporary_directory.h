#ifndef COUPOND_BENCH_TEMPORARY_DIRECTORY_H_
#define COUPOND_BENCH_TEMPORARY_DIRECTORY_H_

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace coupond::bench {

/// A new directory, removed at the end with all that is in it. It lies in TMPDIR or, because /tmp
/// may be memory and not a disk, in /var/tmp.
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

/// How many bytes RocksDB's data in a directory takes: its tables and write-ahead logs, without
/// the files of constant size. The database must be closed, or files have room to grow.
[[nodiscard]] std::uint64_t DataBytesIn(const std::filesystem::path& directory);

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_TEMPORARY_DIRECTORY_H_

#include "temporary_directory.h"

#include <stdlib.h>

#include <string>
#include <system_error>

#include "base/check.h"

namespace coupond::bench {

TemporaryDirectory::TemporaryDirectory() {
  const char* const parent = ::getenv("TMPDIR");
  std::string name =
      std::filesystem::path(parent != nullptr ? parent : "/var/tmp") / "coupond-bench-XXXXXX";
  COUPOND_CHECK(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint64_t DataBytesIn(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const auto extension = entry.path().extension();
    if (extension == ".log" || extension == ".sst") bytes += entry.file_size();
  }
  return bytes;
}

}  // namespace coupond::bench

#ifndef COUPOND_TEST_SUPPORT_TEMPORARY_DIRECTORY_H_
#define COUPOND_TEST_SUPPORT_TEMPORARY_DIRECTORY_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/check.h"

namespace coupond::test {

/// A new directory under the test's temporary directory, removed with its contents at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::path(testing::TempDir()) / "coupond-XXXXXX";
    COUPOND_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_TEMPORARY_DIRECTORY_H_

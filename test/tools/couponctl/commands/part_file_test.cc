#include "couponctl/commands/part_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <expected>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "base/file_descriptor.h"
#include "support/temporary_directory.h"

namespace coupond::ctl {
namespace {

using testing::HasSubstr;

class PartFileTest : public testing::TestWithParam<PartFile::Meanwhile> {
 protected:
  static std::expected<PartFile, std::string> Open(const std::string& path,
                                                   PartFile::IfThere if_there) {
    return PartFile::Open(path, if_there, GetParam());
  }
  /// Reports whether a file has a name in the directory before it is complete.
  [[nodiscard]] bool HasNameMeanwhile() const {
    if (GetParam() == PartFile::Meanwhile::kNamed) return true;
    return !FileDescriptor(open(directory_.path().c_str(), O_TMPFILE | O_WRONLY, 0600)).valid();
  }
  [[nodiscard]] std::string ContentOf(const std::filesystem::path& path) const {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t FileCount() const {
    return std::distance(std::filesystem::directory_iterator(directory_.path()), {});
  }

  const test::TemporaryDirectory directory_;
  const std::string path_ = directory_.path() / "file";
};

TEST_P(PartFileTest, HasItsNameOnlyWhenItIsComplete) {
  auto file = Open(path_, PartFile::IfThere::kRefuse);
  ASSERT_TRUE(file) << file.error();
  EXPECT_TRUE(file->Write("one "));
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(file->Write("two"));
  EXPECT_TRUE(file->Complete());
  EXPECT_EQ(ContentOf(path_), "one two");
  EXPECT_EQ(FileCount(), 1);
}

TEST_P(PartFileTest, LeavesNothingIfItIsGivenUp) {
  {
    auto file = Open(path_, PartFile::IfThere::kRefuse);
    ASSERT_TRUE(file);
    const PartFile moved = *std::move(file);
    EXPECT_EQ(FileCount(), HasNameMeanwhile() ? 1 : 0);
  }
  EXPECT_EQ(FileCount(), 0);
}

TEST_P(PartFileTest, TwoOfTheSameNameDoNotMix) {
  auto first = Open(path_, PartFile::IfThere::kReplace);
  auto second = Open(path_, PartFile::IfThere::kReplace);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->Write("first") && second->Write("second"));
  EXPECT_TRUE(second->Complete());
  EXPECT_EQ(ContentOf(path_), "second");
  EXPECT_TRUE(first->Complete());
  EXPECT_EQ(ContentOf(path_), "first");
  EXPECT_EQ(FileCount(), 1);
}

TEST_P(PartFileTest, ReplacesARegularFileIfItMay) {
  std::ofstream(path_) << "old";
  const auto refused = Open(path_, PartFile::IfThere::kRefuse);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("exists already"));
  auto file = Open(path_, PartFile::IfThere::kReplace);
  ASSERT_TRUE(file);
  EXPECT_EQ(ContentOf(path_), "old");
  EXPECT_TRUE(file->Complete());
  EXPECT_EQ(ContentOf(path_), "");
}

TEST_P(PartFileTest, KeepsAFileThatGotTheNameMeanwhile) {
  {
    auto file = Open(path_, PartFile::IfThere::kRefuse);
    ASSERT_TRUE(file && file->Write("new"));
    std::ofstream(path_) << "other";
    const auto refused = file->Complete();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(),
              path_ + " exists already; give another name, or --force to replace it");
  }
  EXPECT_EQ(ContentOf(path_), "other");
  EXPECT_EQ(FileCount(), 1);
}

TEST_P(PartFileTest, KeepsADirectoryThatGotTheNameMeanwhile) {
  {
    auto file = Open(path_, PartFile::IfThere::kReplace);
    ASSERT_TRUE(file);
    std::filesystem::create_directory(path_);
    const auto refused = file->Complete();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(), HasSubstr("is not a regular file"));
  }
  EXPECT_TRUE(std::filesystem::is_directory(path_));
  EXPECT_EQ(FileCount(), 1);
}

TEST_P(PartFileTest, NeverReplacesAnythingElse) {
  std::filesystem::create_directory(path_);
  std::filesystem::create_symlink("/dev/null", path_ + "-link");
  ASSERT_EQ(mkfifo((path_ + "-pipe").c_str(), 0600), 0);
  for (const std::string& path : {path_, path_ + "-link", path_ + "-pipe"}) {
    const auto refused = Open(path, PartFile::IfThere::kReplace);
    ASSERT_FALSE(refused) << path;
    EXPECT_THAT(refused.error(), HasSubstr("is not a regular file")) << path;
  }
}

TEST_P(PartFileTest, HasThePermissionsOfAnyNewFile) {
  const mode_t mask = umask(027);
  auto file = Open(path_, PartFile::IfThere::kRefuse);
  umask(mask);
  ASSERT_TRUE(file && file->Complete());
  struct stat status{};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_P(PartFileTest, AnErrorNamesTheFile) {
  const auto refused = Open(path_ + "/x/y", PartFile::IfThere::kRefuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "cannot write " + path_ + "/x/y: No such file or directory");
}

INSTANTIATE_TEST_SUITE_P(UnnamedAndNamed, PartFileTest,
                         testing::Values(PartFile::Meanwhile::kUnnamed,
                                         PartFile::Meanwhile::kNamed),
                         [](const auto& test) {
                           return test.param == PartFile::Meanwhile::kNamed ? "Named" : "Unnamed";
                         });

}  // namespace
}  // namespace coupond::ctl

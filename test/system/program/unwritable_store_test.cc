#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// Starts on a store that cannot be written, and starts that get too few threads.
namespace coupond::test {
namespace {

using std::filesystem::path;
using std::filesystem::perms;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};
/// Returns the id of a user that no other process has: a limit on threads counts all of a user's,
/// and tests run side by side.
std::string LoneUser() { return std::to_string(1'000'000 + ::getpid()); }

/// Returns the command without root's right to bypass permissions, if this is root.
std::vector<std::string> WithoutPrivileges(const std::vector<std::string>& command) {
  if (::geteuid() != 0) return command;
  std::vector<std::string> words = {"/usr/bin/setpriv",
                                    "--bounding-set=-dac_override,-dac_read_search"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

/// The store of a stopped server, with one coupon.
class UnwritableStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    CouponClient client(server_.port());
    campaign_ = client.CreateStarted("kept", 10);
    ASSERT_TRUE(client.Issue(campaign_).response.success());
    ASSERT_EQ(server_.Stop(), 0) << server_.output();
  }
  Ran StartWithoutPrivileges() const {
    Process process(WithoutPrivileges({COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir",
                                       server_.data_directory().string()}));
    const auto status = process.WaitForExit(kPatience);
    EXPECT_TRUE(status) << "still runs:\n" << process.output();
    return {status.value_or(-1), process.output()};
  }
  void ExpectRefused(const Ran& ran) const {
    EXPECT_EQ(ran.exit_status, 1) << ran.output;
    EXPECT_THAT(ran.output, testing::Not(HasSubstr("ready on")));
    EXPECT_THAT(ran.output, HasSubstr("Permission denied"));
    EXPECT_THAT(ran.output, HasSubstr("check the owner"));
    EXPECT_THAT(ran.output, HasSubstr("(io)"));
  }

  ServerProcess server_;
  std::string campaign_;
};

TEST_F(UnwritableStoreTest, IsRefusedBeforeReadyAndNotChanged) {
  for (const char* folder : {"", "log", "views"}) {
    const path place = server_.data_directory() / folder;
    permissions(place, perms::owner_read | perms::owner_exec);
    ExpectRefused(StartWithoutPrivileges());
    permissions(place, perms::owner_all);
  }
  server_.Start();
  EXPECT_EQ(CouponClient(server_.port()).Codes(campaign_).size(), 1U);
}

TEST_F(UnwritableStoreTest, ALockThatCannotBeOpenedIsReported) {
  permissions(server_.data_directory() / "LOCK", perms::none);
  ExpectRefused(StartWithoutPrivileges());
}

TEST(BackupDirectory, RefusalLeavesNoStoreBehind) {
  const TemporaryDirectory directory;
  const path data = directory.path() / "data";
  std::ofstream(directory.path() / "file") << "x";
  for (const path& place : {data / "backups", directory.path() / "file"}) {
    const Ran ran = RunServerProgram(
        {"--listen", "127.0.0.1:0", "--data-dir", data.string(), "--backup-dir", place.string()});
    EXPECT_EQ(ran.exit_status, 1) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("--backup-dir"));
    EXPECT_FALSE(exists(data));
  }
}

/// Returns the command for coupond with two HTTP threads as a user that may have `threads` threads.
std::vector<std::string> WithThreads(int threads, const path& data_directory) {
  // Runs it by descriptor, because that user may not be able to reach the program's path.
  return InShell(
      "exec 3<" COUPOND_PATH,
      {"/usr/bin/prlimit", "--nproc=" + std::to_string(threads), "/usr/bin/setpriv", "--reuid",
       LoneUser(), "--regid", LoneUser(), "--clear-groups", "/proc/self/fd/3", "--threads", "2",
       "--listen", "127.0.0.1:0", "--data-dir", data_directory.string()});
}

TEST(ThreadLimit, TooFewThreadsAreRefusedBeforeAStoreIsCreated) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become a user without processes";
  const TemporaryDirectory directory;
  const path home = directory.path() / "home";
  std::filesystem::create_directory(home);
  permissions(directory.path(), perms::owner_all | perms::others_exec);
  permissions(home, perms::all);
  // Two HTTP workers, fourteen reserved threads and the main thread make seventeen.
  for (const int threads : {1, 3, 6, 16}) {
    Process process(WithThreads(threads, home / "data"));
    EXPECT_EQ(process.WaitForExit(kPatience), 1) << threads << process.output();
    EXPECT_THAT(process.output(), HasSubstr("threads can be started")) << threads;
    EXPECT_THAT(process.output(), HasSubstr("ulimit -u")) << threads;
    EXPECT_FALSE(exists(home / "data")) << threads;
  }
  Process enough(WithThreads(17, home / "data"));
  EXPECT_TRUE(enough.WaitForLine("ready on", kPatience)) << enough.output();
  enough.Signal(SIGTERM);
  EXPECT_EQ(enough.WaitForExit(kPatience), 0) << enough.output();
}

TEST(ThreadLimit, CouponAuditSaysWhatToRaise) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become a user without processes";
  const TemporaryDirectory directory;
  const path data = directory.path() / "data";
  {
    ServerProcess server(data, {});
    ASSERT_EQ(server.Stop(), 0);
  }
  permissions(directory.path(), perms::owner_all | perms::others_exec);
  for (const auto& file : std::filesystem::recursive_directory_iterator(data)) {
    permissions(file, perms::all);
  }
  permissions(data, perms::all);
  for (const char* threads : {"1", "2", "3"}) {
    Process process(InShell("exec 3<" COUPON_AUDIT_PATH,
                            {"/usr/bin/prlimit", "--nproc=" + std::string(threads),
                             "/usr/bin/setpriv", "--reuid", LoneUser(), "--regid", LoneUser(),
                             "--clear-groups", "/proc/self/fd/3", "verify", data.string()}));
    EXPECT_EQ(process.WaitForExit(kPatience), 3) << threads << process.output();
    EXPECT_THAT(process.output(), HasSubstr("ulimit -u")) << threads;
  }
}

}  // namespace
}  // namespace coupond::test

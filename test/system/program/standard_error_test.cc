#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// A standard error that is not read, or is closed, does not stop the server.
namespace coupond::test {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};

std::string Contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// A server whose standard error is a pipe, which the test may or may not read.
class PipedErrorTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string fifo = (directory_.path() / "errors").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    reader_ = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    writer_ = ::open(fifo.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    process_.emplace(InShell("true",
                             {COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir",
                              (directory_.path() / "data").string()},
                             "2>\"" + fifo + "\""));
    std::string text;
    while (text.find(" in the log\n") == std::string::npos) {
      pollfd readable{.fd = reader_, .events = POLLIN, .revents = 0};
      ASSERT_EQ(::poll(&readable, 1, 60'000), 1) << text;
      std::array<char, PIPE_BUF> piece;
      const ssize_t count = ::read(reader_, piece.data(), piece.size());
      ASSERT_GT(count, 0) << text;
      text.append(piece.data(), static_cast<std::size_t>(count));
    }
    port_ = static_cast<std::uint16_t>(std::stoi(text.substr(text.find("127.0.0.1:") + 10)));
  }
  void TearDown() override {
    CloseReader();
    ::close(writer_);
  }
  void CloseReader() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }
  /// Fills the pipe, so that writers must wait.
  void Fill() const {
    const std::string page(PIPE_BUF, '.');
    while (::write(writer_, page.data(), page.size()) > 0) {
    }
  }

  TemporaryDirectory directory_;
  std::optional<Process> process_;
  std::uint16_t port_ = 0;
  int reader_ = -1;
  int writer_ = -1;
};

TEST_F(PipedErrorTest, AReaderThatLeavesDoesNotEndTheServer) {
  CloseReader();
  process_->Signal(SIGHUP);  // would write a line
  CouponClient client(port_);
  EXPECT_TRUE(client.Issue(client.CreateStarted("quiet", 1)).response.success());
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->WaitForExit(kPatience), 0);
}

TEST_F(PipedErrorTest, AReaderThatStallsDelaysNothing) {
  Fill();
  for (int i = 0; i < 3; ++i) process_->Signal(SIGRTMIN + i);
  CouponClient client(port_);
  EXPECT_TRUE(client.Issue(client.CreateStarted("blocked", 1)).response.success());
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->WaitForExit(kPatience), 0);
}

/// Returns the port on which a process listens for TCP, or 0 if it does not.
std::uint16_t ListeningPortOf(pid_t process) {
  const std::filesystem::path directory = std::filesystem::path("/proc") / std::to_string(process);
  std::set<std::string> sockets;
  std::error_code gone;  // closed meanwhile
  for (const auto& file : std::filesystem::directory_iterator(directory / "fd", gone)) {
    sockets.insert(read_symlink(file.path(), gone).string());
  }
  std::ifstream table(directory / "net" / "tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string word;
    std::string local;
    std::string state;
    std::string inode;
    words >> word >> local >> word >> state;
    for (int i = 0; i < 6; ++i) words >> inode;
    constexpr int kHexadecimal = 16;
    if (state == "0A" && sockets.contains("socket:[" + inode + "]")) {
      return static_cast<std::uint16_t>(
          std::stoul(local.substr(local.find(':') + 1), nullptr, kHexadecimal));
    }
  }
  return 0;
}

/// Runs a server with these redirections until it is stopped. Returns its exit status.
std::optional<int> RunAndStop(const TemporaryDirectory& directory,
                              const std::string& redirections) {
  const std::filesystem::path data = directory.path() / "data";
  Process process(InShell("true",
                          {COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir", data.string()},
                          redirections));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::uint16_t port = 0;
  while (port == 0 && std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 5);  // it cannot report that it is ready
    port = ListeningPortOf(process.pid());
  }
  CouponClient client(port);
  EXPECT_TRUE(client.Issue(client.CreateStarted("none", 1)).response.success()) << redirections;
  process.Signal(SIGHUP);
  EXPECT_EQ(Contents(data / "LOCK"), std::to_string(process.pid()) + "\n") << redirections;
  process.Signal(SIGTERM);
  return process.WaitForExit(kPatience);
}

TEST(StandardError, MayBeClosedOrFull) {
  for (const char* redirections : {"2>&-", "<&- >&- 2>&-", "2>/dev/full"}) {
    const TemporaryDirectory directory;
    EXPECT_EQ(RunAndStop(directory, redirections), 0) << redirections;
  }
}

TEST(StandardError, ARefusalIsNotWrittenIntoTheLockOfTheStore) {
  ServerProcess server;
  Process second(InShell(
      "true",
      {COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir", server.data_directory().string()},
      "2>&-"));
  EXPECT_EQ(second.WaitForExit(kPatience), 1);
  EXPECT_EQ(Contents(server.data_directory() / "LOCK"), std::to_string(server.pid()) + "\n");
}

TEST(StandardError, OfCouponctlMayBeClosedToo) {
  ServerProcess server;
  const std::string campaign = CouponClient(server.port()).CreateStarted("watched", 1);
  Process watch(InShell("true",
                        {COUPONCTL_PATH, "watch", campaign, "--server",
                         "http://127.0.0.1:" + std::to_string(server.port())},
                        "<&- 2>&-"));
  ASSERT_TRUE(watch.WaitForLine("watched", kPatience)) << watch.output();
  for (const char* descriptor : {"0", "2"}) {
    EXPECT_EQ(read_symlink(std::filesystem::path("/proc") / std::to_string(watch.pid()) / "fd" /
                           descriptor),
              "/dev/null");
  }
}

}  // namespace
}  // namespace coupond::test

#include "program/standard_streams.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>

namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A pseudo-terminal.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_GE(master_, 0);
    EXPECT_EQ(::grantpt(master_), 0);
    EXPECT_EQ(::unlockpt(master_), 0);
    path_ = ::ptsname(master_);
    slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY);
    EXPECT_GE(slave_, 0);
  }
  ~Terminal() {
    ::close(slave_);
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] int descriptor() const { return slave_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Returns what was written to it, which must not be empty.
  [[nodiscard]] std::string Written() const {
    std::array<char, 4096> bytes;
    const ssize_t count = ::read(master_, bytes.data(), bytes.size());
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }

 private:
  int master_;
  int slave_ = -1;
  std::string path_;
};

/// Sets or unsets an environment variable during its lifetime.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* const name_;
  std::optional<std::string> before_;
};

TEST(Terminal, IsColoredUnlessDumbOrNoColorIsSet) {
  const Terminal terminal;
  const Variable xterm("TERM", "xterm");
  const Variable none("NO_COLOR", nullptr);
  EXPECT_TRUE(MayColor(terminal.descriptor()));
  EXPECT_TRUE(MayRedraw(terminal.descriptor()));
  {
    const Variable no_color("NO_COLOR", "1");
    EXPECT_FALSE(MayColor(terminal.descriptor()));
    EXPECT_TRUE(MayRedraw(terminal.descriptor()));
  }
  {
    const Variable empty("NO_COLOR", "");
    EXPECT_TRUE(MayColor(terminal.descriptor()));
  }
  const Variable dumb("TERM", "dumb");
  EXPECT_FALSE(MayColor(terminal.descriptor()));
  EXPECT_FALSE(MayRedraw(terminal.descriptor()));
}

TEST(Terminal, OtherFilesHaveNoColorNoRedrawingAndNoWidth) {
  const int file = ::open("/dev/null", O_WRONLY);
  EXPECT_FALSE(MayColor(file));
  EXPECT_FALSE(MayRedraw(file));
  EXPECT_EQ(TerminalColumns(file), std::nullopt);
  ::close(file);
  EXPECT_EQ(TerminalColumns(-1), std::nullopt);
}

TEST(Terminal, HasAWidth) {
  const Terminal terminal;
  EXPECT_EQ(TerminalColumns(terminal.descriptor()), 80U);  // it has no size
  const winsize size{.ws_row = 24, .ws_col = 132, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::ioctl(terminal.descriptor(), TIOCSWINSZ, &size), 0);
  EXPECT_EQ(TerminalColumns(terminal.descriptor()), 132U);
}

/// Returns what the real server logs on a terminal if it cannot start.
std::string LogOnTerminal(const std::string& environment) {
  const Terminal terminal;
  const std::string command =
      environment + " " COUPOND_PATH " --data-dir /dev/null/store 2>" + terminal.path();
  EXPECT_NE(std::system(command.c_str()), 0);
  return terminal.Written();
}

TEST(ServerLog, IsInColorOnATerminalUnlessNoColorIsSet) {
  EXPECT_THAT(LogOnTerminal("env -u NO_COLOR TERM=xterm"), HasSubstr("\x1b["));
  EXPECT_THAT(LogOnTerminal("NO_COLOR=1 TERM=xterm"), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(LogOnTerminal("env -u NO_COLOR TERM=dumb"), Not(HasSubstr("\x1b[")));
}

}  // namespace
}  // namespace coupond::test

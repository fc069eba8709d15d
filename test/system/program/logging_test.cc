#include "coupond/logging.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <csignal>
#include <memory>
#include <string>

namespace coupond {
namespace {

/// A logger, and a pipe in place of this process's standard error.
class StandardErrorSinkTest : public testing::Test {
 public:
  StandardErrorSinkTest() {
    EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::dup2(ends_[1], STDERR_FILENO), STDERR_FILENO);
    std::signal(SIGPIPE, SIG_IGN);
    logger_.set_pattern("%v");
  }
  ~StandardErrorSinkTest() override {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    for (const int end : ends_) ::close(end);
  }
  StandardErrorSinkTest(const StandardErrorSinkTest&) = delete;
  StandardErrorSinkTest& operator=(const StandardErrorSinkTest&) = delete;

 protected:
  /// Fills the pipe completely.
  void Fill() const {
    ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
    const std::string page(PIPE_BUF, '.');
    while (::write(ends_[1], page.data(), page.size()) > 0) {
    }
    ::fcntl(ends_[1], F_SETFL, 0);
  }
  /// Returns and removes what is in the pipe.
  [[nodiscard]] std::string Drain() const {
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string all;
    std::array<char, PIPE_BUF> piece;
    for (ssize_t count = 0; (count = ::read(ends_[0], piece.data(), piece.size())) > 0;) {
      all.append(piece.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

  const int saved_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  std::array<int, 2> ends_{};
  spdlog::logger logger_{"test", std::make_shared<StandardErrorSink>(/*colour=*/false)};
};

TEST_F(StandardErrorSinkTest, LinesAreWrittenWhole) {
  logger_.info("one");
  logger_.info("two");
  EXPECT_EQ(Drain(), "one\ntwo\n");
}

TEST_F(StandardErrorSinkTest, ABlockedReaderLearnsWhatItLost) {
  Fill();
  for (int i = 0; i < 50; ++i) logger_.info("lost");
  EXPECT_EQ(Drain().find("lost"), std::string::npos);
  logger_.info("seen");
  EXPECT_EQ(Drain(), "50 log lines before this one could not be written\nseen\n");
  logger_.info("again");
  EXPECT_EQ(Drain(), "again\n");
}

TEST_F(StandardErrorSinkTest, AMissingReaderIsNoError) {
  ::close(ends_[0]);
  logger_.info("nobody");
  ends_[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST_F(StandardErrorSinkTest, LongLinesAreCutToTheAtomicSizeOfAPipe) {
  logger_.info(std::string(2 * PIPE_BUF, 'x'));
  const std::string line = Drain();
  EXPECT_EQ(line.size(), static_cast<std::size_t>(PIPE_BUF));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace coupond

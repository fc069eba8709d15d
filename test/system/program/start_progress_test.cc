#include "coupond/start_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "program/service_notifier.h"
#include "support/temporary_directory.h"
#include "system/program/notify_socket.h"

namespace coupond {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::Optional;

std::string Starting(const std::string& status) {
  return "STATUS=" + status + "\nEXTEND_TIMEOUT_USEC=120000000\n";
}

class StartProgressTest : public testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  const std::string path_ = (directory_.path() / "notify").string();
  const test::NotifySocket manager_{path_};
  const ServiceNotifier notifier_{{.socket = path_, .watchdog = {}}};
};

TEST_F(StartProgressTest, TellsOfEachStepAtOnce) {
  StartProgress progress(notifier_, hours(1));
  EXPECT_THAT(manager_.Receive(), Optional(Starting("starting")));
  progress.BeginStep("opening the store");
  EXPECT_THAT(manager_.Receive(), Optional(Starting("opening the store")));
}

TEST_F(StartProgressTest, RepeatsItselfWhileAStepTakesLong) {
  StartProgress progress(notifier_, milliseconds(20));
  progress.BeginStep("opening the store");
  ASSERT_TRUE(manager_.ReceiveWith("opening the store"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(manager_.Receive(), Optional(Starting("opening the store")));
  }
}

TEST_F(StartProgressTest, TellsHowMuchOfTheLogIsRead) {
  struct Case {
    std::uint64_t read;
    std::uint64_t groups;
    const char* text;
  };
  for (const Case& one : {Case{0, 999, "0 of 999"}, Case{1'000, 12'345, "1,000 of 12,345"},
                          Case{1'234'567, 10'000'000, "1,234,567 of 10,000,000"}}) {
    StartProgress progress(notifier_, hours(1));
    ASSERT_TRUE(manager_.Receive());
    progress.ShowLog(0, 0);
    progress.ShowLog(one.read, one.groups);
    EXPECT_THAT(manager_.Receive(),
                Optional(Starting("reading the log: " + std::string(one.text) + " groups")));
  }
}

TEST_F(StartProgressTest, SaysNothingMoreOnceItIsFinished) {
  StartProgress progress(notifier_, milliseconds(1));
  progress.Finish();
  while (manager_.Receive(milliseconds(0))) continue;
  notifier_.Ready("serving");
  EXPECT_THAT(manager_.Receive(), Optional(std::string("READY=1\nSTATUS=serving\n")));
  EXPECT_EQ(manager_.Receive(milliseconds(20)), std::nullopt);
}

}  // namespace
}  // namespace coupond

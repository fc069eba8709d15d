#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"

// The real programs on a machine whose clock is absurd, by way of libfaketime.
namespace coupond::test {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};

class WrongClockTest : public testing::Test {
 protected:
  /// Returns the command under the clock that `setting` describes (for libfaketime).
  static std::vector<std::string> Under(const std::string& setting,
                                        const std::vector<std::string>& command) {
    return InShell("export TZ=UTC FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD=" COUPOND_LIBFAKETIME
                   " " +
                       setting,
                   command);
  }
  [[nodiscard]] std::vector<std::string> Coupond(const std::string& setting) const {
    return Under(setting, {COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir", data_.string()});
  }
  const TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
};

TEST_F(WrongClockTest, AStartBefore2020OrAfter2199IsRefused) {
  const struct {
    const char* clock;
    const char* says;
  } rows[] = {
      {"1970-01-02 00:00:00", "1970-01-02T00:0"},
      {"2019-12-31 23:50:00", "2019-12-31T23:5"},
      {"2200-01-01 00:00:00", "2200-01-01T00:0"},
      {"2500-01-01 00:00:00", "2262-"},  // the maximum of a Timestamp
  };
  for (const auto& row : rows) {
    Process process(Coupond("FAKETIME='@" + std::string(row.clock) + "'"));
    EXPECT_EQ(process.WaitForExit(kPatience), 1) << row.clock << process.output();
    EXPECT_THAT(process.output(), HasSubstr(row.says));
    EXPECT_THAT(process.output(), HasSubstr("set the clock"));
    EXPECT_FALSE(exists(data_)) << row.clock;
  }
}

TEST_F(WrongClockTest, AStartNearTheLimitsServes) {
  for (const char* clock : {"2020-01-01 00:00:00", "2199-12-31 00:00:00"}) {
    Process process(Coupond("FAKETIME='@" + std::string(clock) + "'"));
    EXPECT_TRUE(process.WaitForLine("ready on", kPatience)) << process.output();
    process.Signal(SIGTERM);
    EXPECT_EQ(process.WaitForExit(kPatience), 0) << process.output();
  }
}

TEST_F(WrongClockTest, ARestoreAndARepairAreRefused) {
  Process server(Coupond("FAKETIME='+0'"));
  ASSERT_TRUE(server.WaitForLine("ready on", kPatience)) << server.output();
  server.Signal(SIGTERM);
  ASSERT_EQ(server.WaitForExit(kPatience), 0) << server.output();
  const std::filesystem::path made = directory_.path() / "made";
  remove(data_ / "WATERMARK");  // something to repair
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{COUPON_AUDIT_PATH, "restore", data_.string(), made.string()},
        std::vector<std::string>{COUPON_AUDIT_PATH, "repair", data_.string(), "--accept-loss"}}) {
    Process process(Under("FAKETIME='@1970-01-02 00:00:00'", command));
    EXPECT_EQ(process.WaitForExit(kPatience), 3) << process.output();
    EXPECT_THAT(process.output(), HasSubstr("clock_implausible: "));
    EXPECT_THAT(process.output(), HasSubstr("1970-01-02T00:0"));
  }
  EXPECT_FALSE(exists(made));
  EXPECT_FALSE(exists(data_ / "WATERMARK"));
}

TEST_F(WrongClockTest, AClockThatBecomesImplausibleIsNotBelieved) {
  const std::string file = (directory_.path() / "clock").string();
  const auto set_clock = [&file](const char* offset) { std::ofstream(file) << offset << "\n"; };
  set_clock("+0");
  Process process(Coupond("FAKETIME_NO_CACHE=1 FAKETIME_TIMESTAMP_FILE=" + file));
  const auto line = process.WaitForLine("ready on http://127.0.0.1:", kPatience);
  ASSERT_TRUE(line) << process.output();
  CouponClient client(
      static_cast<std::uint16_t>(std::stoi(line->substr(line->find("127.0.0.1:") + 10))));
  const std::string campaign = client.CreateStarted("clock", 100);
  const auto before = client.Issue(campaign).response.coupon().issued_at();
  for (const char* offset : {"+200y", "+500y", "-60y"}) {
    set_clock(offset);
    for (int i = 0; i < 3; ++i) {
      const auto issued = client.Issue(campaign);
      ASSERT_TRUE(issued.response.success()) << offset << process.output();
      const auto at = issued.response.coupon().issued_at();
      EXPECT_GE(at.seconds(), before.seconds()) << offset;
      EXPECT_LT(at.seconds(), before.seconds() + 3'600) << offset;
    }
    EXPECT_TRUE(process.WaitForLine("not between 2020 and 2199", kPatience)) << process.output();
  }
  set_clock("+0");
  EXPECT_TRUE(client.Issue(campaign).response.success());
  process.Signal(SIGTERM);
  EXPECT_EQ(process.WaitForExit(kPatience), 0) << process.output();
}

}  // namespace
}  // namespace coupond::test

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// Starts of coupond, and its reasons for refusing one.
namespace coupond::test {
namespace {

using testing::HasSubstr;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

TEST(StartUp, HelpDescribesEveryOption) {
  const Ran ran = RunServerProgram({"--help"});
  EXPECT_EQ(ran.exit_status, 0);
  for (const char* flag : {"--listen", "--data-dir", "--threads", "--cors-origin", "--log-level",
                           "--config", "--help", "--version"}) {
    EXPECT_THAT(ran.output, HasSubstr(flag));
  }
}

TEST(StartUp, UsageErrorsExitWith2AndNameTheMistake) {
  const struct {
    std::vector<std::string> flags;
    const char* says;
  } rows[] = {
      {{"--dance"}, "--dance"},
      {{"stray"}, "stray"},
      {{"--listen", "8080"}, "127.0.0.1:8080"},
      {{"--listen", "127.0.0.1:65536"}, "127.0.0.1:8080"},
      {{"--listen"}, "--listen"},
      {{"--threads", "0"}, "--threads"},
      {{"--threads", "many"}, "--threads"},
      {{"--threads", "-1"}, "--threads"},
      {{"--cors-origin", "https://a.example/"}, "https://app.example.com"},
      {{"--log-level", "loud"}, "--log-level"},
      {{"--config", "/nowhere/coupond.toml"}, "/nowhere/coupond.toml"},
      {{"--config", ""}, "--config: the value is empty"},
      {{"--data-dir", ""}, "--data-dir: the value is empty"},
      {{"--data-dir="}, "--data-dir: the value is empty"},
      {{"--backup-dir", " "}, "--backup-dir: the value has only blanks"},
      {{"--data-dir", "--threads", "2"}, "--data-dir: the value is missing"},
      {{"--data-dir", "\xba\xbd"}, "--data-dir: the value is not UTF-8"},
      {{"--threads", "0100"}, "--threads: \"0100\" begins with a zero"},
      {{"--dat-dir", "x"}, "did you mean --data-dir?"},
  };
  for (const auto& row : rows) {
    const Ran ran = RunServerProgram(row.flags);
    EXPECT_EQ(ran.exit_status, kExitUsage) << row.says << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(row.says));
  }
}

class ConfigFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& text) const {
    const std::filesystem::path file = directory_.path() / "coupond.toml";
    std::ofstream(file) << text;
    return file;
  }
  TemporaryDirectory directory_;
};

TEST_F(ConfigFileTest, IsReadAndOverriddenByOptions) {
  // The fixture gives --listen and --data-dir, which must override the wrong ones in the file.
  const std::string file = Write(
      "listen = \"127.0.0.1:1\"\ndata-dir = \"/nowhere/at/all\"\nthreads = 3\nlog-level = "
      "\"info\"\n");
  ServerProcess server({"--config", file});
  EXPECT_THAT(server.output(), HasSubstr("3 HTTP threads, "));
  EXPECT_THAT(server.output(), HasSubstr(server.data_directory().string()));
  EXPECT_EQ(server.Stop(), 0);
}

TEST_F(ConfigFileTest, MistakesInItAreUsageErrors) {
  for (const char* text : {"colour = \"red\"\n", "threads = 0\n", "listen = \"here\"\n"}) {
    const Ran ran = RunServerProgram({"--config", Write(text)});
    EXPECT_EQ(ran.exit_status, kExitUsage) << text << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(std::string(text).substr(0, 6))) << text;
  }
}

TEST(StartUp, ASecondServerOnADirectoryLearnsWhoHoldsIt) {
  ServerProcess server;
  const Ran second =
      RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", server.data_directory().string()});
  EXPECT_EQ(second.exit_status, kExitFailed);
  EXPECT_THAT(second.output, HasSubstr("process " + std::to_string(server.pid())));
  EXPECT_THAT(second.output, HasSubstr("data_directory_in_use"));
  EXPECT_TRUE(CouponClient(server.port()).ListCampaigns(0, "").ok()) << "the first one suffered";
}

TEST(StartUp, APortInUseIsReportedAndLeavesNoStoreBehind) {
  ServerProcess server;
  const std::string address = "127.0.0.1:" + std::to_string(server.port());
  const TemporaryDirectory other;
  const Ran second =
      RunServerProgram({"--listen", address, "--data-dir", (other.path() / "data").string()});
  EXPECT_EQ(second.exit_status, kExitFailed);
  EXPECT_THAT(second.output, HasSubstr("cannot listen on " + address));
  EXPECT_THAT(second.output, HasSubstr("--listen"));
  EXPECT_FALSE(exists(other.path() / "data"));
}

TEST(StartUp, ADirectoryWithOtherContentsIsLeftAlone) {
  const TemporaryDirectory other;
  std::ofstream(other.path() / "letters.txt") << "dear reader";
  const Ran ran =
      RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", other.path().string()});
  EXPECT_EQ(ran.exit_status, kExitFailed);
  EXPECT_THAT(ran.output, HasSubstr("not_a_data_directory"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(other.path()), {}), 1);
}

/// A stopped server with a campaign and some coupons.
class DamageTest : public testing::Test {
 protected:
  void SetUp() override {
    CouponClient client(server_.port());
    campaign_ = client.CreateStarted("kept", 1'000);
    for (int i = 0; i < 120; ++i) {
      codes_.push_back(client.Issue(campaign_).response.coupon().code());
    }
    // Without a flush at the end, everything is still in the write-ahead log.
    ASSERT_EQ(server_.Stop(), 0) << server_.output();
  }
  [[nodiscard]] Ran StartAgain() const {
    return RunServerProgram(
        {"--listen", "127.0.0.1:0", "--data-dir", server_.data_directory().string()});
  }
  /// Returns the largest file with that extension in the log's directory.
  [[nodiscard]] std::filesystem::path LogFile(const std::string& ending) const {
    std::filesystem::path largest;
    for (const auto& entry :
         std::filesystem::directory_iterator(server_.data_directory() / "log")) {
      if (entry.path().extension() != ending) continue;
      if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
        largest = entry.path();
      }
    }
    return largest;
  }

  ServerProcess server_;
  std::string campaign_;
  std::vector<std::string> codes_;
};

TEST_F(DamageTest, ALogCutBelowTheWatermarkIsRefusedByName) {
  const std::filesystem::path wal = LogFile(".log");
  ASSERT_FALSE(wal.empty());
  ASSERT_GT(std::filesystem::file_size(wal), 4'000U);
  std::filesystem::resize_file(wal, std::filesystem::file_size(wal) / 2);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Ran ran = StartAgain();
    EXPECT_EQ(ran.exit_status, kExitFailed) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("log_behind_watermark")) << attempt;
  }
}

TEST_F(DamageTest, AfterACleanStopTheLastRecordMustBeWhole) {
  const std::filesystem::path wal = LogFile(".log");
  ASSERT_FALSE(wal.empty());
  std::filesystem::resize_file(wal, std::filesystem::file_size(wal) - 1);
  const Ran ran = StartAgain();
  EXPECT_EQ(ran.exit_status, kExitFailed) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("log_behind_watermark"));
}

TEST_F(DamageTest, AFlippedByteInTheLogIsRefusedByName) {
  const std::filesystem::path wal = LogFile(".log");
  ASSERT_FALSE(wal.empty());
  std::fstream file(wal, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(wal) / 2);
  file.seekg(middle);
  const int byte = file.get();
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 0x20));
  file.close();
  const Ran ran = StartAgain();
  EXPECT_EQ(ran.exit_status, kExitFailed) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("log_damaged"));
}

TEST_F(DamageTest, AMissingLogIsNotAnEmptyOne) {
  std::filesystem::rename(server_.data_directory() / "log",
                          server_.data_directory().parent_path() / "log aside");
  const Ran ran = StartAgain();
  EXPECT_EQ(ran.exit_status, kExitFailed) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("log_missing"));
  // Put back, it works as before.
  std::filesystem::rename(server_.data_directory().parent_path() / "log aside",
                          server_.data_directory() / "log");
  server_.Start();
  EXPECT_EQ(CouponClient(server_.port()).Codes(campaign_), codes_);
}

TEST_F(DamageTest, DeletedViewsAreRebuiltFromTheLog) {
  for (int i = 0; i < 2; ++i) {
    std::filesystem::remove_all(server_.data_directory() / "views");
    server_.Start();
    CouponClient client(server_.port());
    EXPECT_EQ(client.Codes(campaign_), codes_);
    const auto issued = client.Issue(campaign_);
    ASSERT_TRUE(issued.response.success()) << issued.raw_body;
    codes_.push_back(issued.response.coupon().code());
    if (i == 0) {
      ASSERT_EQ(server_.Stop(), 0);
    } else {
      server_.Kill();
    }
  }
}

TEST_F(DamageTest, DamagedViewsAreRebuiltFromTheLog) {
  for (const auto& entry :
       std::filesystem::directory_iterator(server_.data_directory() / "views")) {
    if (entry.path().extension() == ".sst") std::filesystem::resize_file(entry.path(), 100);
  }
  server_.Start();
  EXPECT_EQ(CouponClient(server_.port()).Codes(campaign_), codes_);
}

}  // namespace
}  // namespace coupond::test

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "faults/small_disk.h"
#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// The real server on a disk that is really full.
namespace coupond::test {
namespace {

using testing::HasSubstr;

constexpr std::size_t kDiskMegabytes = 16;
constexpr std::size_t kRoomBytes = 192 * 1'024;
constexpr int kAlways = 1'000'000;
constexpr std::chrono::seconds kPatience{60};

class FullDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "cannot mount a small tmpfs: " << disk_.reason();
  }

  /// Issues until the server refuses. Returns the codes that it gave.
  static std::vector<std::string> IssueUntilFull(CouponClient& client,
                                                 const std::string& campaign) {
    std::vector<std::string> codes;
    while (true) {
      const auto answer =
          client.IssueForUser(campaign, std::string(100, 'u') + std::to_string(codes.size()));
      if (!answer.ok()) {
        EXPECT_EQ(answer.code, "unavailable") << answer.raw_body;
        return codes;
      }
      codes.push_back(answer.response.coupon().code());
    }
  }

  SmallDisk disk_{kDiskMegabytes};
};

TEST_F(FullDiskTest, NothingIsLostAndItStartsAgainWithRoom) {
  ServerProcess server(disk_.path() / "data", {});
  std::vector<std::string> codes;
  std::string campaign;
  {
    CouponClient client(server.port());
    campaign = client.CreateStarted("full", kAlways);
    std::atomic<bool> filling = false;
    std::latch has_read(1);
    // A reader sees the correct state until the server has ended, and never anything else.
    std::thread reader([&] {
      CouponClient other(server.port());
      std::int32_t issued = 0;
      bool is_first = true;
      while (true) {
        const auto page = other.ListCampaigns(10, "");
        if (page.status == 0) break;
        // While it stops, it may say so.
        if (page.code == "unavailable" && filling) continue;
        EXPECT_TRUE(page.ok()) << page.raw_body;
        if (!page.ok() || page.response.campaigns_size() != 1) break;
        EXPECT_EQ(page.response.campaigns(0).id(), campaign);
        EXPECT_GE(page.response.campaigns(0).issued_coupons(), issued);
        issued = page.response.campaigns(0).issued_coupons();
        if (std::exchange(is_first, false)) has_read.count_down();
      }
      EXPECT_TRUE(filling) << "nothing could be read while there was room";
      // So that the other thread does not wait forever.
      if (is_first) has_read.count_down();
    });
    has_read.wait();
    filling = true;
    disk_.FillUpTo(kRoomBytes);
    codes = IssueUntilFull(client, campaign);
    reader.join();
  }
  EXPECT_FALSE(codes.empty());
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  EXPECT_THAT(server.output(), HasSubstr("No space left on device"));
  EXPECT_THAT(server.output(), HasSubstr("make room on that disk, then start again (no_space)"));

  // It reports the full disk until there is room.
  disk_.FillUpTo(0);
  const Ran still_full =
      RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", server.data_directory().string()});
  EXPECT_EQ(still_full.exit_status, 1);
  EXPECT_THAT(still_full.output, HasSubstr("(no_space)"));

  disk_.MakeRoom();
  server.Start();
  CouponClient client(server.port());
  const std::vector<std::string> found = client.Codes(campaign);
  // One more may have been issued without an answer.
  ASSERT_GE(found.size(), codes.size());
  EXPECT_LE(found.size(), codes.size() + 1);
  EXPECT_EQ(std::vector<std::string>(found.begin(),
                                     found.begin() + static_cast<std::ptrdiff_t>(codes.size())),
            codes);
  EXPECT_TRUE(client.Issue(campaign).response.success());
  EXPECT_EQ(server.Stop(), 0);
  std::printf("%zu coupons were issued before the disk was full; none is lost\n", codes.size());
}

TEST_F(FullDiskTest, AServerThatLostItsFilesWaitsForRoomToSaveThem) {
  ServerProcess server(disk_.path() / "data", {});
  std::string campaign;
  std::vector<std::string> codes;
  {
    CouponClient client(server.port());
    campaign = client.CreateStarted("lost", kAlways);
    for (int i = 0; i < 20; ++i) codes.push_back(client.Issue(campaign).response.coupon().code());
  }
  disk_.FillUpTo(0);
  std::filesystem::remove_all(server.data_directory() / "log");
  disk_.FillUpTo(0);
  ASSERT_TRUE(server.process().WaitForLine("It tries again", kPatience)) << server.output();
  EXPECT_THAT(server.output(), HasSubstr("(no_space)"));
  disk_.MakeRoom();
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  EXPECT_THAT(server.output(), HasSubstr("nothing is lost"));
  server.Start();
  EXPECT_EQ(CouponClient(server.port()).Codes(campaign), codes);
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

TEST_F(FullDiskTest, ANewStoreDoesNotFitAndIsMadeOnceThereIsRoom) {
  const std::filesystem::path data = disk_.path() / "data";
  disk_.FillUpTo(0);
  const Ran full = RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", data.string()});
  EXPECT_EQ(full.exit_status, 1);
  EXPECT_THAT(full.output, HasSubstr("(no_space)"));
  disk_.MakeRoom();
  ServerProcess server(data, {});
  EXPECT_FALSE(CouponClient(server.port()).CreateStarted("fits", 1).empty());
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace coupond::test

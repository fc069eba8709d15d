#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "program/process_environment.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"
#include "system/program/watch_stream.h"

// A thousand who watch a campaign and do not read what they are told, and one client who wants its
// coupons.
namespace coupond::test {
namespace {

constexpr std::size_t kWatchers = 1'000;
constexpr int kIssues = 500;
/// The minimum number of changes announced while they do not read.
constexpr int kChanges = 5;
constexpr std::size_t kKilobyte = 1'024;
/// A generous limit for the memory of one watcher in the server.
constexpr std::size_t kBytesMax = 64 * kKilobyte;

class SilentWatchersTest : public testing::Test {
 protected:
  void SetUp() override {
    if (RaiseOpenFileLimit() <= 2 * kWatchers) {
      GTEST_SKIP() << "too few files may be open (ulimit -Hn)";
    }
  }

  /// Returns a connection that watches the campaign and has received its first state.
  HttpClient Watch(const std::string& campaign) {
    constexpr std::size_t kSmallReceiveBuffer = 4 * kKilobyte;
    HttpClient watcher(server_.port(), kSmallReceiveBuffer);
    EXPECT_TRUE(watcher.Send(WatchRequest(campaign)));
    EXPECT_TRUE(watcher.WaitUntilReadable());
    return watcher;
  }

  /// Issues a coupon, which must succeed.
  void Issue(const std::string& campaign) {
    const auto issued = client_.Issue(campaign);
    ASSERT_TRUE(issued.ok() && issued.response.success()) << issued.raw_body;
    codes_.insert(issued.response.coupon().code());
  }

  // One thread has all of them, so each is told in every round, and none may hold it up.
  ServerProcess server_{{"--threads", "1"}};
  CouponClient client_{server_.port(), Form::kConnectProto};
  std::set<std::string> codes_;
};

TEST_F(SilentWatchersTest, AThousandBlockNobodyAndGetTheNewest) {
  const std::string campaign = client_.CreateStarted("wanted", 100 * kIssues);
  const std::size_t bytes_before = server_.ResidentBytes();
  std::vector<HttpClient> silent;
  silent.reserve(kWatchers);
  for (std::size_t i = 0; i < kWatchers; ++i) silent.push_back(Watch(campaign));
  EXPECT_GE(server_.OpenSockets(), kWatchers);

  for (int i = 0; i < kIssues; ++i) ASSERT_NO_FATAL_FAILURE(Issue(campaign));
  // A client that reads receives every change, one after another, and so do the others.
  HttpClient attentive = Watch(campaign);
  int changes = 0;
  const auto end = attentive.Receive([&] {
    if (changes == kChanges) {
      EXPECT_TRUE(client_.Delete(campaign).response.success());
    } else if (changes < kChanges) {
      Issue(campaign);
    }
    ++changes;
  });
  const std::size_t bytes_with_them = server_.ResidentBytes();
  ASSERT_TRUE(end);
  EXPECT_EQ(codes_.size(), static_cast<std::size_t>(kIssues + kChanges));

  std::size_t told = 0;
  std::size_t told_least = kIssues;
  for (HttpClient& watcher : silent) {
    const auto reply = watcher.Receive();
    ASSERT_TRUE(reply);
    const Watched watched = ReadWatched(*reply);
    EXPECT_EQ(watched.messages.front().state(), api::WATCH_STATE_LIVE);
    EXPECT_EQ(watched.messages.back().state(), api::WATCH_STATE_DELETED);
    EXPECT_EQ(watched.messages.back().campaign().issued_coupons(), kIssues + kChanges);
    EXPECT_EQ(watched.end, "{}");
    told += watched.messages.size();
    told_least = std::min(told_least, watched.messages.size());
  }
  EXPECT_GT(told_least, static_cast<std::size_t>(kChanges)) << "they did not watch";
  std::printf("resident %zu kB before, %zu kB with them; told %zu messages, each at least %zu\n",
              bytes_before / kKilobyte, bytes_with_them / kKilobyte, told, told_least);
  EXPECT_LT(bytes_with_them, bytes_before + kWatchers * kBytesMax);
  EXPECT_EQ(server_.Stop(std::chrono::minutes(1)), 0) << server_.output();
}

}  // namespace
}  // namespace coupond::test

// Erasing one of 100,000 users from the real server, which is killed at any moment of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::int32_t kUsers = 100'000;
constexpr std::int32_t kBatch = 10'000;
constexpr std::chrono::seconds kPatience{60};

std::string ReadBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string UserOf(std::int32_t number) { return "somebody-" + std::to_string(number); }

/// Returns the files below `directory` that have the text.
std::vector<std::string> FilesWith(const std::filesystem::path& directory,
                                   const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    if (ReadBytes(entry.path()).find(text) != std::string::npos) {
      found.push_back(entry.path().string());
    }
  }
  return found;
}

class EraseUserTest : public testing::Test {
 protected:
  std::string CreateCampaign(const std::string& name, std::int32_t total) {
    return Client().CreateStarted(name, total);
  }
  /// Issues a coupon to each of the users, in batches.
  void IssueToAll(const std::string& campaign, std::int32_t users = kUsers) {
    CouponClient client = Client();
    for (std::int32_t first = 0; first < users; first += kBatch) {
      api::BatchIssueCouponsRequest request;
      request.set_campaign_id(campaign);
      for (std::int32_t i = first; i < std::min(first + kBatch, users); ++i) {
        request.add_user_ids(UserOf(i));
      }
      ASSERT_TRUE(client.Batch(request).ok());
    }
  }
  std::string Issue(const std::string& campaign, const std::string& user) {
    const auto issued = Client().IssueForUser(campaign, user);
    EXPECT_TRUE(issued.ok() && issued.response.success()) << issued.raw_body;
    return issued.response.coupon().code();
  }
  CouponClient Client() { return CouponClient(server_.port()); }

  [[nodiscard]] static std::string ErasureRequest(const std::string& user) {
    return PostRequest("/coupon.v1.AdminService/EraseUser", "application/json",
                       boost::json::serialize(boost::json::object{{"userId", user}}));
  }
  /// Returns the answer of an erasure, or nullopt if the server ended before there was one.
  std::optional<boost::json::value> Erase(const std::string& user) {
    HttpClient http(server_.port());
    const auto reply = http.Ask(ErasureRequest(user));
    if (!reply) return std::nullopt;
    EXPECT_EQ(reply->status, 200) << reply->body;
    return boost::json::parse(reply->body);
  }
  /// Erases until it is done, which takes one request unless something is in its way.
  void EraseUntilDone(const std::string& user) {
    for (int i = 0; i < 100; ++i) {
      const auto answer = Erase(user);
      ASSERT_TRUE(answer) << server_.output();
      if (!answer->at("pending").as_bool()) return;
    }
    FAIL() << "the erasure does not end";
  }
  boost::json::value Info() {
    HttpClient http(server_.port());
    const auto reply =
        http.Ask(PostRequest("/coupon.v1.AdminService/GetServerInfo", "application/json", "{}"));
    return reply ? boost::json::parse(reply->body) : boost::json::value();
  }
  /// Asks for nothing else until no erasure is in progress.
  void AwaitErasures() {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (true) {
      const boost::json::value info = Info();
      ASSERT_TRUE(info.is_object()) << server_.output();
      if (!info.as_object().contains("erasure")) return;
      ASSERT_LT(std::chrono::steady_clock::now(), end) << info;
    }
  }
  /// Returns the write-ahead log that was begun last.
  [[nodiscard]] std::filesystem::path LastWal() const {
    std::filesystem::path last;
    for (const auto& entry :
         std::filesystem::directory_iterator(server_.data_directory() / "log")) {
      if (entry.path().extension() == ".log") last = std::max(last, entry.path());
    }
    return last;
  }
  /// Returns the codes of the coupons that a search finds for the user.
  std::vector<std::string> CodesOf(const std::string& user) {
    api::SearchCouponsRequest request;
    request.set_user_id(user);
    const auto found = Client().Search(request);
    EXPECT_TRUE(found.ok()) << found.raw_body;
    std::vector<std::string> codes;
    for (const api::Coupon& coupon : found.response.coupons()) codes.push_back(coupon.code());
    return codes;
  }
  /// Expects that nothing in the data directory has the user's id, and that the store is sound.
  void ExpectErased(const std::string& user) {
    EXPECT_THAT(FilesWith(server_.data_directory(), user), IsEmpty());
    EXPECT_THAT(CodesOf(user), IsEmpty());
  }
  void ExpectSound() {
    Process audit({COUPON_AUDIT_PATH, "verify", server_.data_directory().string()});
    EXPECT_EQ(audit.WaitForExit(kPatience), 0) << audit.output();
  }

  TemporaryDirectory backups_;
  ServerProcess server_{{"--backup-dir", backups_.path().string()}};
};

TEST_F(EraseUserTest, OneOfManyIsNowhereAfterwards) {
  const std::string erased = "zoltan-who-wants-to-go";
  const std::string campaign = CreateCampaign("spring", kUsers + 1'000);
  const std::string deleted = CreateCampaign("winter", 10);
  const std::string of_deleted = Issue(deleted, erased);
  IssueToAll(campaign);
  const std::string code = Issue(campaign, erased);
  EXPECT_TRUE(Client().Redeem(code).response.success());
  // The first coupons are in tables, later ones in the write-ahead log.
  ASSERT_EQ(server_.Stop(kPatience), 0);
  server_.Start();
  const std::string summer = CreateCampaign("summer", 10);
  const std::string summer_code = Issue(summer, erased);
  EXPECT_TRUE(Client().Delete(deleted).ok());
  const std::string backup = R"({"name":"before"})";
  HttpClient http(server_.port());
  ASSERT_EQ(
      http.Ask(PostRequest("/coupon.v1.AdminService/CreateBackup", "application/json", backup))
          ->status,
      200);
  ASSERT_FALSE(FilesWith(server_.data_directory(), erased).empty());
  EXPECT_THAT(CodesOf(erased), UnorderedElementsAre(summer_code, code));

  const auto answer = Erase(erased);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->at("erasedCoupons"), "3") << *answer;
  // On a busy machine RocksDB may not have deleted all files yet.
  if (answer->at("pending").as_bool()) {
    ASSERT_NO_FATAL_FAILURE(EraseUntilDone(erased));
  }
  EXPECT_EQ(answer->at("copies"), boost::json::array({(backups_.path() / "before").string()}));
  ExpectErased(erased);
  ExpectSound();

  // The coupons are what they were, and so is everybody else.
  EXPECT_EQ(Client().GetCoupon(code).response.coupon().state(), api::COUPON_STATE_REDEEMED);
  EXPECT_FALSE(Client().GetCoupon(code).response.coupon().has_user_id());
  EXPECT_EQ(Issue(campaign, erased), code) << "the claim remains";
  EXPECT_EQ(CodesOf(UserOf(0)).size(), 1U);
  EXPECT_EQ(CodesOf(UserOf(kUsers - 1)).size(), 1U);
  EXPECT_FALSE(FilesWith(backups_.path(), erased).empty()) << "the backup was not reached";

  // And it stays so, also if the views are made anew.
  server_.Kill();
  std::filesystem::remove_all(server_.data_directory() / "views");
  server_.Start();
  ExpectErased(erased);
  EXPECT_EQ(CodesOf(UserOf(kUsers / 2)).size(), 1U);
  ExpectSound();
}

TEST_F(EraseUserTest, AKillAtAnyMomentEndsInTheSame) {
  const std::string campaign = CreateCampaign("spring", kUsers);
  IssueToAll(campaign, kUsers / 4);
  // Each time the server is killed a little later: after so many looks at how far the erasure is.
  constexpr int kKills = 10;
  for (int looks = 0; looks < kKills; ++looks) {
    const std::string erased = "leaving-" + std::to_string(looks) + "-soon";
    Issue(campaign, erased);
    HttpClient http(server_.port());
    ASSERT_TRUE(http.Send(ErasureRequest(erased)));
    ASSERT_TRUE(http.WaitUntilArrived());
    for (int i = 0; i < looks; ++i) static_cast<void>(Info());
    server_.Kill();
    server_.Start();
    EraseUntilDone(erased);
    ExpectErased(erased);
  }
  for (int looks = 0; looks < kKills; ++looks) {
    ExpectErased("leaving-" + std::to_string(looks) + "-soon");
  }
  EXPECT_EQ(CodesOf(UserOf(1)).size(), 1U);
  ExpectSound();
}

TEST_F(EraseUserTest, AnIdleServerFinishesWhatAKillHasLeft) {
  const std::string erased = "quietly-gone";
  // The write of the first group. Its beginning stands for one that the kill interrupts.
  std::string torn = ReadBytes(LastWal());
  ASSERT_FALSE(torn.empty());
  torn.pop_back();
  const std::string campaign = CreateCampaign("spring", kUsers);
  IssueToAll(campaign, kUsers - 1);
  Issue(campaign, erased);
  // Whoever reads slowly keeps the files of the views, and so the erasure is logged, but not
  // finished.
  constexpr std::size_t kFewBytes = 4'096;
  HttpClient reader(server_.port(), kFewBytes);
  ASSERT_TRUE(reader.Send("GET /campaigns/" + campaign +
                          "/coupons.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_TRUE(reader.WaitUntilReadable());
  const auto answer = Erase(erased);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->at("pending"), true) << *answer;
  server_.Kill();
  const std::filesystem::path wal = LastWal();
  ASSERT_EQ(std::filesystem::file_size(wal), 0U) << "nothing has been written since the flush";
  std::ofstream(wal, std::ios::binary) << torn;

  server_.Start();
  AwaitErasures();
  ExpectErased(erased);
  EXPECT_FALSE(std::filesystem::exists(wal));
  EXPECT_EQ(CodesOf(UserOf(1)).size(), 1U);
  ExpectSound();
}

}  // namespace
}  // namespace coupond::test

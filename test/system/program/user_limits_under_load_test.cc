#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/killed_server.h"
#include "system/program/process.h"

// Each user asks for many more coupons than the campaign allows, all at once and each with a
// request_id of its own, while the server is killed, or stopped, again and again.
namespace coupond::test {
namespace {

constexpr std::size_t kLimit = 3;
/// Of each user, at the same time.
constexpr std::size_t kRequests = 50;

std::size_t Users() { return IsFullRun() ? 1'000 : 60; }
std::size_t Restarts() { return IsFullRun() ? 20 : 4; }

std::string NameOf(std::size_t user) { return "user " + std::to_string(user); }

class UserLimitsUnderLoadTest : public testing::Test {
 protected:
  /// What the requests of one user were told.
  struct Told {
    std::set<std::string> codes;       ///< of coupons, each with the request that got it
    std::set<std::string> last_shown;  ///< codes of the coupons that the others were shown
    std::size_t refused = 0;
  };

  UserLimitsUnderLoadTest() {
    api::CreateCampaignRequest request;
    request.set_name("three for each");
    // Never sold out, so that only the limit ends it.
    request.set_total_coupons(static_cast<std::int32_t>(2 * kLimit * Users()));
    request.mutable_start_in();
    request.set_coupons_per_user(kLimit);
    request.set_user_required(true);
    const auto created = client_.Create(request);
    EXPECT_TRUE(created.ok()) << created.raw_body;
    campaign_ = created.response.campaign().id();
  }

  [[nodiscard]] api::IssueCouponRequest RequestOf(std::size_t user, std::size_t number) const {
    api::IssueCouponRequest request;
    request.set_campaign_id(campaign_);
    request.set_user_id(NameOf(user));
    request.set_request_id("request " + std::to_string(number));
    return request;
  }

  /// Asks once for each user. All clients do this in the same order, so that a user's requests
  /// meet.
  void AskForAll(std::size_t number) {
    CouponClient client = server_.Connect();
    for (std::size_t user = 0; user < Users(); ++user) {
      const auto request = RequestOf(user, number);
      const auto answer =
          server_.Ask(client, [&](CouponClient& asked) { return asked.Issue(request); });
      Hear(user, answer);
      ++answers_;
      answers_.notify_all();
    }
  }
  void Hear(std::size_t user, const Answer<api::IssueCouponResponse>& answer) {
    const api::IssueCouponResponse& response = answer.response;
    EXPECT_TRUE(answer.ok()) << answer.raw_body;
    EXPECT_EQ(response.coupon().user_id(), NameOf(user));
    const std::lock_guard lock(mutex_);
    Told& told = told_[user];
    if (response.success()) {
      EXPECT_TRUE(told.codes.insert(response.coupon().code()).second) << "a code was given twice";
      return;
    }
    EXPECT_EQ(response.refusal(), api::REFUSAL_USER_LIMIT_REACHED) << answer.raw_body;
    EXPECT_FALSE(response.already_issued());
    told.last_shown.insert(response.coupon().code());
    ++told.refused;
  }

  /// Runs all clients, and ends the server at even distances.
  void Run() {
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < kRequests; ++i) clients.emplace_back([this, i] { AskForAll(i); });
    for (std::size_t restart = 1; restart <= Restarts(); ++restart) {
      const std::size_t enough = restart * Users() * kRequests / (Restarts() + 1);
      for (std::size_t had = answers_; had < enough; had = answers_) answers_.wait(had);
      restart % 2 == 0 ? server_.StopAndRestart() : server_.KillAndRestart();
    }
  }

  KilledServer server_;
  CouponClient client_ = server_.Connect();
  std::string campaign_;
  std::atomic<std::size_t> answers_ = 0;
  std::mutex mutex_;
  std::vector<Told> told_ = std::vector<Told>(Users());  // guarded by mutex_
};

TEST_F(UserLimitsUnderLoadTest, EachUserGetsAsManyAsAllowed) {
  Run();
  std::set<std::string> all;
  for (std::size_t user = 0; user < Users(); ++user) {
    const Told& told = told_[user];
    EXPECT_EQ(told.codes.size(), kLimit) << NameOf(user);
    EXPECT_EQ(told.refused, kRequests - kLimit) << NameOf(user);
    EXPECT_EQ(told.last_shown.size(), 1U) << NameOf(user);
    for (const std::string& last : told.last_shown) EXPECT_TRUE(told.codes.contains(last)) << last;
    all.insert(told.codes.begin(), told.codes.end());
  }
  EXPECT_EQ(all.size(), kLimit * Users());

  // The same requests are told the same again.
  client_ = server_.Connect();
  for (std::size_t number = 0; number < kRequests; ++number) {
    const auto again = client_.Issue(RequestOf(0, number));
    const api::IssueCouponResponse& response = again.response;
    EXPECT_EQ(response.success(), response.already_issued()) << again.raw_body;
    EXPECT_TRUE(told_[0].codes.contains(response.coupon().code())) << again.raw_body;
  }
  const auto listed = client_.Codes(campaign_);
  EXPECT_EQ(listed.size(), all.size());
  EXPECT_EQ(std::set(listed.begin(), listed.end()), all);

  EXPECT_EQ(server_.process().Stop(), 0) << server_.process().output();
  Process audit({COUPON_AUDIT_PATH, "verify", server_.process().data_directory().string()});
  EXPECT_EQ(audit.WaitForExit(std::chrono::seconds(120)), 0) << audit.output();
}

}  // namespace
}  // namespace coupond::test

#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_COMMANDS_ISSUERS_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_COMMANDS_ISSUERS_H_

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/http_client.h"

namespace coupond::test {

/// Four clients that issue from one campaign until this is destroyed. It must not be sold out
/// before.
class Issuers {
 public:
  Issuers(std::uint16_t port, const std::string& campaign) {
    for (int i = 0; i < 4; ++i) {
      threads_.emplace_back([this, port, campaign](const std::stop_token& stop) {
        CouponClient client(port);
        while (!stop.stop_requested()) {
          const auto answer = client.Issue(campaign);
          ASSERT_TRUE(answer.ok() && answer.response.success()) << answer.message;
          const std::lock_guard lock(mutex_);
          codes_.push_back(answer.response.coupon().code());
          more_.notify_all();
        }
      });
    }
  }
  /// Fails if that takes too long, as it does when no client gets a coupon any more.
  void WaitForMore(std::size_t count) const {
    std::unique_lock lock(mutex_);
    const std::size_t enough = codes_.size() + count;
    EXPECT_TRUE(
        more_.wait_for(lock, std::chrono::seconds(60), [&] { return codes_.size() >= enough; }))
        << codes_.size() << " coupons instead of " << enough;
  }
  /// Returns the codes that clients have received so far.
  [[nodiscard]] std::vector<std::string> codes() const {
    const std::lock_guard lock(mutex_);
    return codes_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  std::vector<std::string> codes_;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

inline HttpReply AskForBackup(std::uint16_t port, const std::string& name) {
  HttpClient http(port);
  const auto reply = http.Ask(PostRequest("/coupon.v1.AdminService/CreateBackup",
                                          "application/json", R"({"name":")" + name + R"("})"));
  return reply.value_or(HttpReply{});
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_COMMANDS_ISSUERS_H_

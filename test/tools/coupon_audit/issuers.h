#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_ISSUERS_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_ISSUERS_H_

#include <gtest/gtest.h>

#include <atomic>
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
          ++issued_;
          issued_.notify_all();
        }
      });
    }
  }
  void WaitForMore(std::uint64_t count) const {
    const std::uint64_t enough = issued_ + count;
    for (std::uint64_t seen = issued_; seen < enough; seen = issued_) issued_.wait(seen);
  }
  /// Returns the codes that clients have received so far.
  [[nodiscard]] std::vector<std::string> codes() const {
    const std::lock_guard lock(mutex_);
    return codes_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> codes_;
  std::atomic<std::uint64_t> issued_ = 0;
  std::vector<std::jthread> threads_;
};

inline HttpReply AskForBackup(std::uint16_t port, const std::string& name) {
  HttpClient http(port);
  const auto reply = http.Ask(PostRequest("/coupon.v1.AdminService/CreateBackup",
                                          "application/json", R"({"name":")" + name + R"("})"));
  return reply.value_or(HttpReply{});
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_ISSUERS_H_

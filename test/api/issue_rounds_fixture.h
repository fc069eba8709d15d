#ifndef COUPOND_TEST_API_ISSUE_ROUNDS_FIXTURE_H_
#define COUPOND_TEST_API_ISSUE_ROUNDS_FIXTURE_H_

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/coupon_service.h"
#include "api/engine_fixture.h"
#include "api/metrics/metrics.h"
#include "base/file_descriptor.h"
#include "rpc/http/server.h"

namespace coupond::api {

/// A log that keeps nothing, so that only the engine's own allocations are counted.
class ForgetfulLog final : public LogWriter {
 public:
  explicit ForgetfulLog(LogTip tip) : tip_(tip) {}
  [[nodiscard]] LogTip Tip() const override { return tip_; }
  [[nodiscard]] Status Append(const CommitGroup& group) override {
    tip_.group = group.number;
    tip_.sequence = Sequence(group.first_sequence.value() + group.events.size() - 1);
    tip_.time = group.commit_time;
    ++appended_;
    return {};
  }
  [[nodiscard]] Status Confirm() override { return {}; }
  [[nodiscard]] std::uint64_t appended() const { return appended_; }

 private:
  LogTip tip_;
  std::atomic<std::uint64_t> appended_ = 0;
};

/// A connection that sends a request and throws the answer away, without allocating or copying.
class RoundsClient {
 public:
  explicit RoundsClient(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
        ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        0);
  }
  void Send(std::string_view request) const {
    ASSERT_EQ(::send(socket_.number(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
  }
  /// Returns the answer, which arrives whole because it was sent at once.
  std::string_view Receive() {
    const ssize_t got = ::recv(socket_.number(), space_.data(), space_.size(), 0);
    return {space_.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
  }

 private:
  const FileDescriptor socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::array<char, 4096> space_{};
};

/// The service behind a real server, and clients that all ask before any reads its answer.
class IssueRoundsFixture : public testing::Test {
 protected:
  static constexpr std::size_t kClients = 16;
  static constexpr std::size_t kRounds = 500;
  static constexpr std::uint64_t kIssues = kClients * kRounds;

  void SetUp() override {
    engine_ = Engine::Start({.log = log_,
                             .stored_log = stored_log_,
                             .views = views_,
                             .clock = clock_,
                             .fence = fence_,
                             .observer = &metrics_.engine()},
                            {})
                  .value();
    service_ = std::make_unique<CouponService>(*engine_, entropy_, CodeKey{},
                                               CouponServiceOptions{.metrics = &metrics_});
    server_ = std::make_unique<http::Server>(
        http::ServerOptions{.port = 0},
        [this](http::Executor& executor) { return service_->MakeHandler(executor); });
    ASSERT_TRUE(server_->Start());
    for (std::size_t i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<RoundsClient>(server_->port()));
    }
  }
  void TearDown() override {
    server_.reset();
    engine_->Stop();
  }

  static std::string Request(std::string_view method, std::string_view body) {
    std::string request = "POST /coupon.v1.CouponService/";
    request.append(method).append(" HTTP/1.1\r\nHost: localhost\r\n");
    request.append("Content-Type: application/json\r\nContent-Length: ");
    request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    return request;
  }
  /// Creates a campaign with these fields in addition, and returns its id.
  std::string Create(std::string_view more = "") {
    const std::string_view created =
        Ask(Request("CreateCampaign", R"({"name":"one","totalCoupons":100000000,"startIn":"0s")" +
                                          std::string(more) + "}"));
    const std::size_t id = created.find(R"("id":")");
    EXPECT_NE(id, std::string_view::npos) << created;
    return std::string(created.substr(id + 6, 36));
  }
  std::string_view Ask(std::string_view request) {
    clients_.front()->Send(request);
    return clients_.front()->Receive();
  }
  static std::string IssueRequest(const std::string& campaign_id) {
    return Request("IssueCoupon", R"({"campaignId":")" + campaign_id + R"("})");
  }
  void RunRounds(std::string_view request, std::string_view expected) {
    for (std::size_t round = 0; round < kRounds; ++round) {
      for (const auto& client : clients_) client->Send(request);
      for (const auto& client : clients_) {
        ASSERT_NE(client->Receive().find(expected), std::string_view::npos);
      }
    }
  }

  test::FakeClock clock_{test::At(0)};
  test::FakeEventLog stored_log_;
  ForgetfulLog log_{stored_log_.Tip()};
  test::FakeViewStore views_;
  Fence fence_;
  SystemEntropy entropy_;
  Metrics metrics_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<CouponService> service_;
  std::unique_ptr<http::Server> server_;
  std::vector<std::unique_ptr<RoundsClient>> clients_;
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_ISSUE_ROUNDS_FIXTURE_H_

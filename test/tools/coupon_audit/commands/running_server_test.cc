#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/run_audit.h"

// The auditor on the directory of a real server, while the server is busy, and after its end.
namespace coupond::test {
namespace {

/// Clients that issue, create and delete until they are stopped.
class Load {
 public:
  explicit Load(std::uint16_t port) {
    for (int i = 0; i < 4; ++i) {
      threads_.emplace_back([this, port](const std::stop_token& stop) { Run(port, stop); });
    }
  }
  /// Stops them, and waits until everything is answered.
  void Stop() { threads_.clear(); }
  /// Fails if that takes too long.
  void WaitForCoupons(std::uint64_t count) const {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(more_.wait_for(lock, std::chrono::minutes(3), [&] { return issued_ >= count; }));
  }
  [[nodiscard]] std::uint64_t issued() const { return issued_; }

 private:
  void Run(std::uint16_t port, const std::stop_token& stop) {
    CouponClient client(port);
    for (int round = 0; !stop.stop_requested(); ++round) {
      // A later start of the server has the campaigns of the loads before.
      static std::atomic<int> names = 0;
      const std::string campaign = client.CreateStarted("load " + std::to_string(++names), 1'000);
      for (int i = 0; i < 60 && !stop.stop_requested(); ++i) {
        const auto answer = i % 3 == 0
                                ? client.Issue(campaign)
                                : client.IssueForUser(campaign, "user " + std::to_string(i / 2));
        ASSERT_TRUE(answer.ok()) << answer.message;
        if (answer.response.success() && !answer.response.already_issued()) {
          const std::lock_guard lock(mutex_);
          ++issued_;
          more_.notify_all();
        }
      }
      if (round % 2 == 0) {
        ASSERT_TRUE(client.Delete(campaign).ok());
      }
    }
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  std::atomic<std::uint64_t> issued_ = 0;
  std::vector<std::jthread> threads_;
};

void ExpectSound(const ServerProcess& server) {
  const AuditRun run = RunAudit("verify " + server.data_directory().string());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

TEST(RunningServer, IsSoundWhileItIssues) {
  constexpr int kAudits = 10;
  ServerProcess server;
  std::uint64_t issued = 0;
  // The first start has no views on disk yet; the second one has some that lag behind.
  for (int start = 0; start < 2; ++start) {
    if (start > 0) server.Start();
    Load load(server.port());
    for (int audit = 1; audit <= kAudits; ++audit) {
      load.WaitForCoupons(static_cast<std::uint64_t>(audit) * 20);
      ExpectSound(server);
    }
    load.Stop();
    issued += load.issued();
    ASSERT_EQ(server.Stop(), 0);
  }
  const AuditRun run = RunAudit("verify --json " + server.data_directory().string());
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const boost::json::object report = run.Json();
  EXPECT_EQ(report.at("coupons").to_number<std::uint64_t>(), issued);
  EXPECT_EQ(report.at("codesChecked").to_number<std::uint64_t>(), issued);
  EXPECT_EQ(report.at("views").at("state"), boost::json::value("present"));
  EXPECT_EQ(report.at("views").at("checkpointGroup"), report.at("groups"));
}

/// Has the server erase the user, and returns how many coupons had the text.
std::int64_t Erase(const ServerProcess& server, const std::string& user) {
  HttpClient http(server.port());
  const auto reply = http.Ask(PostRequest("/coupon.v1.AdminService/EraseUser", "application/json",
                                          R"({"userId":")" + user + R"(","forgetClaims":true})"));
  if (!reply || reply->status != 200) {
    ADD_FAILURE() << (reply ? reply->body : "no answer");
    return 0;
  }
  // 64-bit numbers are texts.
  return std::stoll(std::string(boost::json::parse(reply->body).at("erasedCoupons").as_string()));
}

TEST(RunningServer, IsSoundWhileItErasesUsers) {
  constexpr int kErasures = 8;
  ServerProcess server;
  std::int64_t erased = 0;
  for (int start = 0; start < 2; ++start) {
    if (start > 0) server.Start();
    Load load(server.port());
    for (int i = 1; i <= kErasures; ++i) {
      load.WaitForCoupons(static_cast<std::uint64_t>(i) * 40);
      std::jthread eraser([&] { erased += Erase(server, "user " + std::to_string(i)); });
      ExpectSound(server);
      eraser.join();
      ExpectSound(server);
    }
    load.Stop();
    ASSERT_EQ(server.Stop(), 0);
  }
  ExpectSound(server);
  EXPECT_GT(erased, 0);
  const AuditRun run = RunAudit("log " + server.data_directory().string());
  EXPECT_TRUE(run.out.contains("\"erasure_finished\""));
}

TEST(RunningServer, IsSoundAfterItWasKilled) {
  ServerProcess server;
  const std::string campaign = CouponClient(server.port()).CreateStarted("kill", 1'000);
  CouponClient client(server.port());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.Issue(campaign).ok());
  server.Kill();
  ExpectSound(server);
  const AuditRun run = RunAudit("export --format jsonl --campaign " + campaign + " " +
                                server.data_directory().string());
  EXPECT_EQ(run.Lines().size(), 100U);
}

}  // namespace
}  // namespace coupond::test

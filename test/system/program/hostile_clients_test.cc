#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "program/process_environment.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/many_issues.h"
#include "system/program/server_process.h"

// A thousand connections that do nothing useful, and one client who wants coupons.
namespace coupond::test {
namespace {

constexpr std::size_t kSlowConnections = 1'000;
constexpr int kIssues = 500;
/// The interval at which their cost is measured.
constexpr int kIssuesPerLook = 50;
/// The maximum number of other connections before all slow ones must have been accepted.
constexpr int kNewcomers = 100;
/// The number of slow connections that act after each issue, so that all of them act repeatedly.
constexpr std::size_t kDripsPerIssue = 20;
/// The coupons of a campaign that is read slowly: parts of its answer are still to be sent when a
/// connection's buffers are full.
constexpr int kListedCoupons = 8'000;
constexpr std::size_t kKilobyte = 1'024;

struct SlowKind {
  const char* name;
  /// Sent once the connection is established.
  std::function<std::string(const std::string& campaign)> begin;
  /// Sent from time to time.
  const char* drip;
  bool awaits_answer;
  /// A generous limit for the memory of one connection in the server.
  std::size_t bytes_max;
};

void PrintTo(const SlowKind& kind, std::ostream* out) { *out << kind.name; }

std::string GetCampaignRequest(const std::string& campaign) {
  api::GetCampaignRequest request;
  request.set_campaign_id(campaign);
  return PostRequest(PathOf(Form::kConnectJson, "GetCampaign"), ContentTypeOf(Form::kConnectJson),
                     BodyOf(Form::kConnectJson, request));
}

std::string GetCampaignGzipRequest(const std::string& campaign) {
  std::string request = GetCampaignRequest(campaign);
  return request.insert(request.find("\r\n") + 2, "Accept-Encoding: gzip\r\n");
}

std::vector<SlowKind> SlowKinds() {
  const auto header = [](const std::string&) { return "POST /IssueCoupon HTTP/1.1\r\nX-Slow: "; };
  const auto body = [](const std::string&) {
    return "POST /IssueCoupon HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Content-Length: 60000\r\n\r\n";
  };
  const auto chunks = [](const std::string&) {
    return "POST /IssueCoupon HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Transfer-Encoding: chunked\r\n\r\n";
  };
  const auto nothing = [](const std::string&) { return ""; };
  return {{"SlowHeaders", header, "s", false, 64 * kKilobyte},
          {"SlowBodies", body, " ", false, 64 * kKilobyte},
          {"SlowChunks", chunks, "1\r\n \r\n", false, 64 * kKilobyte},
          {"Idle", nothing, "", false, 64 * kKilobyte},
          {"NeverReading", GetCampaignRequest, "", true, 512 * kKilobyte},
          {"NeverReadingGzip", GetCampaignGzipRequest, "", true, 160 * kKilobyte}};
}

/// Connections of one slow kind. One that the server has closed is replaced.
class SlowConnections {
 public:
  SlowConnections(const SlowKind& kind, std::uint16_t port, std::string campaign)
      : kind_(kind), port_(port), campaign_(std::move(campaign)) {
    connections_.reserve(kSlowConnections);
    for (std::size_t i = 0; i < kSlowConnections; ++i) connections_.push_back(Connect());
    for (const HttpClient& connection : connections_) EXPECT_TRUE(connection.WaitUntilArrived());
  }
  /// Waits until those have an answer that await one.
  void AwaitAnswers() const {
    for (const HttpClient& connection : connections_) {
      EXPECT_TRUE(!kind_.awaits_answer || connection.WaitUntilReadable());
    }
  }
  /// Makes the next few of them send what they send from time to time.
  void Drip() {
    if (*kind_.drip == '\0') return;
    for (std::size_t i = 0; i < kDripsPerIssue; ++i) {
      HttpClient& connection = connections_[next_];
      next_ = (next_ + 1) % connections_.size();
      if (connection.Send(kind_.drip)) continue;
      connection = Connect();
      ++made_again_;
    }
  }
  [[nodiscard]] std::size_t made_again() const { return made_again_; }

 private:
  [[nodiscard]] HttpClient Connect() const {
    constexpr std::size_t kSmallReceiveBuffer = 4 * kKilobyte;
    HttpClient connection(port_, kSmallReceiveBuffer);
    EXPECT_TRUE(connection.connected());
    EXPECT_TRUE(connection.Send(kind_.begin(campaign_)));
    return connection;
  }

  const SlowKind& kind_;
  std::uint16_t port_;
  std::string campaign_;
  std::vector<HttpClient> connections_;
  std::size_t next_ = 0;
  std::size_t made_again_ = 0;
};

class HostileClientsTest : public testing::TestWithParam<SlowKind> {
 protected:
  void SetUp() override {
    if (RaiseOpenFileLimit() <= 2 * kSlowConnections) {
      GTEST_SKIP() << "too few files may be open (ulimit -Hn)";
    }
  }
  /// Returns the time of an answer, which on a busy machine may be longer than one client waits;
  /// negative if it never comes.
  [[nodiscard]] int CouponsOf(const std::string& campaign) const {
    constexpr int kAttempts = 8;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const auto got = CouponClient(server_.port(), Form::kConnectProto).Get(campaign);
      if (got.ok()) return got.response.coupons_size();
    }
    return -1;
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), Form::kConnectProto};
};

TEST_P(HostileClientsTest, AThousandSlowConnectionsBlockNoOthers) {
  const std::string listed = client_.CreateStarted("listed", kListedCoupons);
  if (GetParam().awaits_answer) IssueMany(server_.port(), listed, kListedCoupons);
  const std::string campaign = client_.CreateStarted("wanted", kIssues);
  const std::size_t bytes_before = server_.ResidentBytes();
  SlowConnections slow(GetParam(), server_.port(), listed);
  // The last of them may still wait to be accepted; a newcomer is served after them.
  for (int i = 0; i < kNewcomers && server_.OpenSockets() < kSlowConnections; ++i) {
    ASSERT_TRUE(HttpClient(server_.port()).Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  EXPECT_GE(server_.OpenSockets(), kSlowConnections) << "they are not held";
  slow.AwaitAnswers();

  std::set<std::string> codes;
  // The maximum of each. The server closes those that are too slow, so on a busy machine fewer may
  // be left in the end.
  std::size_t sockets = 0;
  std::size_t bytes_with_them = 0;
  const auto look = [&] {
    sockets = std::max(sockets, server_.OpenSockets());
    bytes_with_them = std::max(bytes_with_them, server_.ResidentBytes());
  };
  for (int i = 0; i < kIssues; ++i) {
    const auto issued = client_.Issue(campaign);
    ASSERT_TRUE(issued.ok() && issued.response.success()) << i << ": " << issued.raw_body;
    codes.insert(issued.response.coupon().code());
    slow.Drip();
    if (i % kIssuesPerLook == 0) look();
  }
  EXPECT_EQ(codes.size(), static_cast<std::size_t>(kIssues));
  // A newcomer is served as well.
  EXPECT_EQ(CouponClient(server_.port()).Issue(campaign).response.refusal(), api::REFUSAL_SOLD_OUT);
  // Queries are answered in turn, so this one follows a part for each client that does not read.
  EXPECT_EQ(CouponsOf(campaign), kIssues);
  look();
  EXPECT_LT(bytes_with_them, bytes_before + kSlowConnections * GetParam().bytes_max);
  std::printf("%zu sockets; resident %zu kB before, %zu kB with them; %zu were made again\n",
              sockets, bytes_before / kKilobyte, bytes_with_them / kKilobyte, slow.made_again());
  EXPECT_EQ(server_.Stop(std::chrono::minutes(1)), 0) << server_.output();
}

INSTANTIATE_TEST_SUITE_P(Kinds, HostileClientsTest, testing::ValuesIn(SlowKinds()),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace coupond::test

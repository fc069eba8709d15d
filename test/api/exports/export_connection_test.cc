// Exports over real connections, whose clients do not read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "api/coupon_service.h"
#include "api/engine_fixture.h"
#include "base/file_descriptor.h"
#include "rpc/connect/envelope.h"
#include "rpc/http/server.h"
#include "support/at_some_pace.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::StartsWith;

/// More than the kernel buffers for a connection.
constexpr std::uint32_t kCoupons = 300'000;

/// A connection that sends a request, and reads nothing but the answer's head.
class Client {
 public:
  Client(std::uint16_t port, std::string_view request)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    constexpr int kSmall = 4 * 1'024;
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVBUF, &kSmall, sizeof kSmall);
    constexpr timeval kPatience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
        ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        0);
    EXPECT_EQ(::send(socket_.number(), request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::array<char, 1'024> piece;
    while (!beginning_.contains("\r\n\r\n")) {
      const ssize_t count = ::recv(socket_.number(), piece.data(), piece.size(), 0);
      if (count <= 0) break;
      beginning_.append(piece.data(), static_cast<std::size_t>(count));
    }
  }

  /// Returns the head of the answer, and perhaps more.
  [[nodiscard]] const std::string& beginning() const { return beginning_; }

 private:
  FileDescriptor socket_;
  std::string beginning_;
};

/// A server with one place for an export, which waits for a client that does not read for a moment
/// only, and a large campaign.
class ExportConnectionTest : public EngineFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    AddCampaign();
    service_.emplace(*engine_, entropy_, CodeKey{}, CouponServiceOptions{.exports_max = 1});
    StartServer({});
  }
  void TearDown() override {
    for (http::Server& server : servers_) server.Join(std::chrono::steady_clock::now());
    EngineFixture::TearDown();  // before the servers go, to which queries answer
  }
  /// Starts one more server, which is the one that clients call from now on.
  void StartServer(const http::Limits& limits) {
    servers_.emplace_back(
        http::ServerOptions{.address = "127.0.0.1", .port = 0, .limits = limits},
        [this](http::Executor& executor) { return service_->MakeHandler(executor); });
    ASSERT_TRUE(servers_.back().Start());
  }

  /// Writes the rows of a campaign that no event has made.
  void AddCampaign() {
    Campaign campaign;
    campaign.number = CampaignNumber(1);
    campaign.id = test::Id(1);
    campaign.terms.total_coupons = kCoupons;
    campaign.serials = SerialRanges({.first = Serial(1), .count = kCoupons});
    campaign.issued_coupons = kCoupons;
    ViewChanges changes;
    changes.campaigns = {campaign};
    CouponRun& run = changes.runs.emplace_back();
    run.campaign = campaign.number;
    run.count = kCoupons;
    ASSERT_TRUE(views_.Write(changes));
  }

  [[nodiscard]] Client GetFile(std::string_view name) const { return AskForFile("GET", name); }
  [[nodiscard]] Client HeadOf(std::string_view name) const { return AskForFile("HEAD", name); }
  [[nodiscard]] Client AskForFile(std::string_view method, std::string_view name) const {
    return Client(servers_.back().port(),
                  std::string(method) + " /campaigns/" + FormatUuid(test::Id(1).bytes) + "/" +
                      std::string(name) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  [[nodiscard]] Client OpenStream() const {
    coupon::v1::ExportCouponsRequest request;
    request.set_campaign_id(FormatUuid(test::Id(1).bytes));
    std::string body;
    connect::AppendEnvelope(0, request.SerializeAsString(), body);
    return Client(servers_.back().port(),
                  "POST /coupon.v1.CouponService/ExportCoupons HTTP/1.1\r\nHost: localhost\r\n"
                  "Content-Type: application/connect+proto\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  /// Returns a client who gets a file, as soon as a place for an export is free, or the last one
  /// that did not.
  [[nodiscard]] Client AwaitFile() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (true) {
      Client client = GetFile("coupons.csv");
      const bool has_place = client.beginning().starts_with("HTTP/1.1 200");
      if (has_place || std::chrono::steady_clock::now() >= deadline) return client;
    }
  }
  /// Reports whether a place for an export becomes free in reasonable time.
  [[nodiscard]] bool AwaitRoom() const {
    return AwaitFile().beginning().starts_with("HTTP/1.1 200");
  }

  std::optional<CouponService> service_;
  std::deque<http::Server> servers_;  // in place, because workers refer to theirs
};

TEST_F(ExportConnectionTest, AClientThatDoesNotReadLosesItsPlace) {
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    http::Limits limits;
    limits.write_timeout = std::chrono::milliseconds(200 * pace);
    StartServer(limits);
    if (!HeadOf("coupons.csv").beginning().starts_with("HTTP/1.1 200 ")) {
      EXPECT_TRUE(AwaitRoom()) << "after the attempt before";
      return false;
    }
    // The stream first: that it has no place, because another client has just left, shows only
    // later.
    for (const bool is_stream : {true, false}) {
      const Client silent = is_stream ? OpenStream() : AwaitFile();
      EXPECT_THAT(silent.beginning(), StartsWith("HTTP/1.1 200 "));
      const bool had_its_place = GetFile("coupons.csv").beginning().starts_with("HTTP/1.1 503 ");
      EXPECT_TRUE(AwaitRoom()) << "while it is still connected";
      if (!had_its_place) return false;
    }
    return true;
  })) << "it had no place from the beginning";
}

TEST_F(ExportConnectionTest, AHeadNeedsAPlaceAndGivesItBackAtOnce) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(HeadOf("coupons.csv").beginning(), StartsWith("HTTP/1.1 200 ")) << i;
  }
  const Client silent = GetFile("coupons.csv");
  EXPECT_THAT(silent.beginning(), StartsWith("HTTP/1.1 200 ")) << "the last one has none any more";
  EXPECT_THAT(HeadOf("coupons.csv").beginning(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ExportConnectionTest, AClosedConnectionLosesItsPlace) {
  for (const bool is_stream : {true, false}) {
    {
      const Client leaving = is_stream ? OpenStream() : AwaitFile();
      EXPECT_THAT(leaving.beginning(), StartsWith("HTTP/1.1 200 "));
    }
    EXPECT_TRUE(AwaitRoom());
  }
}

TEST_F(ExportConnectionTest, AStoppingServerLetsGoOfTheViews) {
  const Client stream = OpenStream();
  EXPECT_THAT(stream.beginning(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(views_.open_cursors(), 1U);
  servers_.back().BeginStop();
  servers_.back().Join(std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
  engine_->Stop();
  EXPECT_EQ(views_.open_cursors(), 0U);
}

}  // namespace
}  // namespace coupond::api

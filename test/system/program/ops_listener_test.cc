#include "coupond/ops_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/key.h"
#include "access/keys_file.h"
#include "base/entropy.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The listener for operation: by itself, and of the real server.
namespace coupond::test {
namespace {

using testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};
constexpr std::string_view kInfo = "/coupon.v1.AdminService/GetServerInfo";

HttpReply Ask(std::uint16_t port, std::string_view method, std::string_view path) {
  return HttpClient(port)
      .Ask(std::string(method) + " " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      .value_or(HttpReply());
}

HttpReply Get(std::uint16_t port, std::string_view path) { return Ask(port, "GET", path); }

int InfoStatus(std::uint16_t port) {
  const auto reply = HttpClient(port).Ask(PostRequest(kInfo, "application/json", "{}"));
  return reply ? reply->status : 0;
}

/// Returns the port of the listener for operation once it listens, or 0.
std::uint16_t OpsPort(Process& process) {
  constexpr std::string_view kText = "operation: http://127.0.0.1:";
  const auto line = process.WaitForLine(kText, kPatience);
  if (!line) return 0;
  return static_cast<std::uint16_t>(std::stoi(line->substr(line->find(kText) + kText.size())));
}

class OpsProgram : public testing::Test {
 protected:
  const std::vector<std::string> flags_ = {"--ops-listen", "127.0.0.1:0"};
};

TEST(OpsListener, SaysHowFarTheStartHasCome) {
  ServerOptions options;
  options.ops_listen = ListenAddress{.host = "127.0.0.1", .port = 0};
  auto port = http::BoundPort::Bind("127.0.0.1", 0);
  ASSERT_TRUE(port);
  const std::uint16_t number = port->endpoint().port();
  const auto listener = OpsListener::Start(options, *std::move(port));
  ASSERT_TRUE(listener);
  const auto readyz = [number] { return Get(number, "/readyz"); };
  EXPECT_EQ(readyz().status, 503);
  EXPECT_EQ(readyz().body, "{\"phase\":\"recovery\",\"read\":0,\"of\":0}\n");
  (*listener)->ShowProgress(3, 10);
  EXPECT_EQ(readyz().body, "{\"phase\":\"recovery\",\"read\":3,\"of\":10}\n");
  EXPECT_EQ(readyz().Header("content-type"), "application/json");
  EXPECT_EQ(Get(number, "/livez").status, 200);
  EXPECT_THAT(Get(number, "/").body, HasSubstr("coupond"));
  const HttpReply metrics = Get(number, "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, HasSubstr("\ncoupond_ready 0\n"));
  const HttpReply other = Get(number, "/events");
  EXPECT_EQ(other.status, 503);
  EXPECT_NE(other.Header("retry-after"), "");
  EXPECT_THAT(other.body, HasSubstr("reading its log"));
  EXPECT_EQ(InfoStatus(number), 503);
}

TEST_F(OpsProgram, HasWhatThePublicListenerThenHasNot) {
  ServerProcess server(flags_);
  const std::uint16_t ops = OpsPort(server.process());
  ASSERT_NE(ops, 0) << server.output();
  EXPECT_EQ(Get(server.port(), "/metrics").status, 404);
  EXPECT_EQ(Get(ops, "/metrics").status, 200);
  constexpr std::string_view kWrongEvents = "/events?from_sequence=x";
  EXPECT_EQ(Get(server.port(), kWrongEvents).status, 404);
  EXPECT_EQ(Get(ops, kWrongEvents).status, 400);
  EXPECT_EQ(InfoStatus(server.port()), 404);
  EXPECT_EQ(InfoStatus(ops), 200);
  for (const std::uint16_t port : {server.port(), ops}) {
    for (const char* path : {"/", "/livez", "/readyz"}) {
      EXPECT_EQ(Get(port, path).status, 200) << path;
    }
    const HttpReply options = Ask(port, "OPTIONS", "*");
    EXPECT_EQ(options.status, 204);
    EXPECT_THAT(options.Header("allow"), HasSubstr("OPTIONS"));
  }
  EXPECT_THAT(Get(ops, "/readyz?verbose").body, HasSubstr("[+]writes ok"));
  EXPECT_TRUE(CouponClient(server.port()).ListCampaigns(0, "").ok());
  EXPECT_EQ(CouponClient(ops).ListCampaigns(0, "").status, 404);
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

TEST_F(OpsProgram, WithoutItEverythingIsOnOneListener) {
  const ServerProcess server;
  EXPECT_EQ(Get(server.port(), "/metrics").status, 200);
  EXPECT_EQ(InfoStatus(server.port()), 200);
}

TEST_F(OpsProgram, ListensBeforeTheLogIsRead) {
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("large", 100'000);
  for (int i = 0; i < 10; ++i) {
    api::BatchIssueCouponsRequest batch;
    batch.set_campaign_id(campaign);
    batch.set_request_id(std::to_string(i));
    batch.set_count(10'000);
    ASSERT_TRUE(client.Batch(batch).ok());
  }
  ASSERT_EQ(server.Stop(), 0);
  std::filesystem::remove_all(server.data_directory() / "views");

  Process again({COUPOND_PATH, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                 "--data-dir", server.data_directory().string()});
  const std::uint16_t ops = OpsPort(again);
  ASSERT_NE(ops, 0) << again.output();
  int recovering = 0;
  HttpReply reply = Get(ops, "/readyz");
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (; reply.status == 503 && std::chrono::steady_clock::now() < deadline;
       reply = Get(ops, "/readyz")) {
    ++recovering;
    EXPECT_THAT(reply.body, HasSubstr(R"("phase":"recovery")"));
  }
  EXPECT_GT(recovering, 0) << "it was ready at once";
  EXPECT_EQ(reply.status, 200) << again.output();
  again.Signal(SIGTERM);
  EXPECT_EQ(again.WaitForExit(kPatience), 0) << again.output();
}

TEST_F(OpsProgram, IsNotReadyAsSoonAsItIsToldToStop) {
  ServerProcess server({"--ops-listen", "127.0.0.1:0", "--drain-delay", "60s"});
  const std::uint16_t ops = OpsPort(server.process());
  ASSERT_NE(ops, 0) << server.output();
  ASSERT_EQ(Get(ops, "/readyz").status, 200);
  server.BeginStop();
  ASSERT_TRUE(server.process().WaitForLine("no longer ready", kPatience)) << server.output();
  EXPECT_EQ(Get(ops, "/readyz").status, 503);
  EXPECT_EQ(Get(ops, "/livez").status, 200);
  EXPECT_EQ(Get(server.port(), "/readyz").status, 503);
  EXPECT_EQ(server.Stop(), 0) << "a second signal ends the delay: " << server.output();
}

TEST_F(OpsProgram, AdminServiceKeepsItsKeysAndMetricsNeedNone) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "keys.toml").string();
  SystemEntropy entropy;
  ASSERT_TRUE(
      access::AppendKey(file, access::MakeKey({.role = access::Role::kAdmin}, entropy).key));
  ServerProcess server({"--ops-listen", "127.0.0.1:0", "--keys-file", file});
  const std::uint16_t ops = OpsPort(server.process());
  ASSERT_NE(ops, 0) << server.output();
  EXPECT_EQ(Get(ops, "/metrics").status, 200);
  EXPECT_EQ(InfoStatus(ops), 401);
  EXPECT_EQ(Get(ops, "/events").status, 401);
}

TEST_F(OpsProgram, ASocketFileIsThereWhileTheServerIs) {
  const TemporaryDirectory directory;
  const std::filesystem::path ops = directory.path() / "ops.sock";
  ServerProcess server({"--ops-listen", "unix:" + ops.string()});
  EXPECT_THAT(server.output(), HasSubstr("operation: unix:" + ops.string()));
  EXPECT_TRUE(is_socket(ops));
  EXPECT_EQ(Get(server.port(), "/metrics").status, 404);
  server.Kill();
  EXPECT_TRUE(exists(ops)) << "nobody is left to remove it";
  server.Start();
  EXPECT_EQ(server.Stop(), 0) << server.output();
  EXPECT_FALSE(exists(ops));
}

TEST_F(OpsProgram, APlaceThatIsTakenOrExposedIsRefused) {
  const ServerProcess server;
  const TemporaryDirectory directory;
  const std::filesystem::path data = directory.path() / "data";
  const auto run = [&](const std::string& ops) {
    return RunServerProgram(
        {"--listen", "127.0.0.1:0", "--ops-listen", ops, "--data-dir", data.string()});
  };
  const Ran taken = run("127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(taken.exit_status, 1) << taken.output;
  EXPECT_THAT(taken.output, HasSubstr("--ops-listen"));
  const Ran exposed = run("0.0.0.0:0");
  EXPECT_EQ(exposed.exit_status, 2) << exposed.output;
  EXPECT_THAT(exposed.output, HasSubstr("--ops-listen 0.0.0.0:0"));
  EXPECT_FALSE(exists(data));
}

}  // namespace
}  // namespace coupond::test

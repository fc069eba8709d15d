#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "access/key.h"
#include "access/keys_file.h"
#include "base/entropy.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/hung_thread.h"
#include "system/program/notify_socket.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The real server as a service: what it tells its manager, and the configuration of the packages.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;
using testing::StartsWith;

std::string IssueRequest(const std::string& campaign) {
  api::IssueCouponRequest message;
  message.set_campaign_id(campaign);
  return PostRequest(PathOf(Form::kConnectJson, "IssueCoupon"), ContentTypeOf(Form::kConnectJson),
                     BodyOf(Form::kConnectJson, message));
}

/// Issues coupons one after the other, so that each has a commit group of its own.
void IssueInGroups(std::uint16_t port, int count) {
  CouponClient client(port);
  const std::string campaign = client.CreateStarted("summer", count);
  for (int i = 0; i < count; ++i) ASSERT_TRUE(client.Issue(campaign).ok());
}

/// A service manager, for the servers that are started while it exists.
class ServiceManagerProgram : public testing::Test {
 protected:
  ServiceManagerProgram() { ::setenv("NOTIFY_SOCKET", socket_.c_str(), 1); }
  ~ServiceManagerProgram() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
  }

  TemporaryDirectory directory_;
  const std::string socket_ = (directory_.path() / "notify").string();
  const NotifySocket manager_{socket_};
};

TEST_F(ServiceManagerProgram, TheServerSaysWhenItServesAndStops) {
  ServerProcess server;
  const auto ready = manager_.ReceiveWith("READY=1");
  const std::string address = "http://127.0.0.1:" + std::to_string(server.port());
  EXPECT_THAT(ready, Optional(AllOf(HasSubstr("READY=1\n"),
                                    HasSubstr("STATUS=serving on " + address + "\n"))));
  ASSERT_EQ(server.Stop(), 0);
  EXPECT_THAT(manager_.Receive(), Optional(HasSubstr("STOPPING=1\n")));
}

TEST_F(ServiceManagerProgram, ItAnswersAsSoonAsItSaysReady) {
  // Starts it by itself, so that the message is what this waits for, not a line of the log.
  const std::string data = (directory_.path() / "data").string();
  Process server({COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir", data});
  const auto ready = manager_.ReceiveWith("READY=1");
  ASSERT_TRUE(ready) << server.output();
  const std::size_t colon = ready->rfind(':');
  ASSERT_NE(colon, std::string::npos);
  const auto port = static_cast<std::uint16_t>(std::stoul(ready->substr(colon + 1)));
  const auto reply = HttpClient(port).Ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
}

TEST_F(ServiceManagerProgram, AServerThatCannotStartIsNeverReady) {
  const ServerProcess first;
  ASSERT_TRUE(manager_.ReceiveWith("READY=1"));
  const Ran second =
      RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", first.data_directory().string()});
  EXPECT_EQ(second.exit_status, 1);
  while (const auto message = manager_.Receive(std::chrono::milliseconds(0))) {
    EXPECT_THAT(*message, AllOf(HasSubstr("STATUS="), Not(HasSubstr("READY"))));
  }
}

TEST_F(ServiceManagerProgram, AStartSaysHowFarItIsAndAsksForMoreTime) {
  constexpr int kGroups = 1'050;
  ServerProcess server;
  IssueInGroups(server.port(), kGroups);
  ASSERT_EQ(server.Stop(), 0);
  // So that the whole log is read.
  std::filesystem::remove_all(server.data_directory() / "views");
  ASSERT_TRUE(manager_.ReceiveWith("STOPPING=1"));

  server.Start();
  std::vector<std::string> messages;
  while (messages.empty() || !messages.back().starts_with("READY=1\n")) {
    const auto message = manager_.Receive();
    ASSERT_TRUE(message) << server.output();
    messages.push_back(*message);
  }
  messages.pop_back();
  EXPECT_THAT(messages, Each(AllOf(StartsWith("STATUS="), HasSubstr("\nEXTEND_TIMEOUT_USEC="))));
  EXPECT_THAT(messages, Contains(HasSubstr("STATUS=opening the store\n")));
  EXPECT_THAT(messages,
              Contains(ContainsRegex("STATUS=reading the log: 1,000 of 1,0[0-9]+ groups\n")));
}

TEST_F(ServiceManagerProgram, AnIdleServerFeedsTheWatchdog) {
  ::setenv("WATCHDOG_USEC", "200000", 1);
  const ServerProcess server;
  ASSERT_TRUE(manager_.ReceiveWith("READY=1"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(manager_.Receive(), Optional(std::string("WATCHDOG=1\n")));
  }
}

TEST_F(ServiceManagerProgram, AHungAppendStarvesNoWatchdog) {
  ::setenv("WATCHDOG_USEC", "200000", 1);
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("summer", 10);
  const auto sequencer = ThreadNamed(server.pid(), "sequencer");
  ASSERT_TRUE(sequencer);
  auto hung = HungThread::Stop(*sequencer);
  if (!hung) GTEST_SKIP() << "ptrace is not permitted";
  ASSERT_TRUE(client.http().Send(IssueRequest(campaign)));
  while (manager_.Receive(std::chrono::milliseconds(0))) continue;
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(manager_.Receive(), Optional(std::string("WATCHDOG=1\n")));
  }
  hung.reset();
  const auto reply = client.http().Receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
}

TEST_F(ServiceManagerProgram, NoOtherThreadFeedsTheWatchdog) {
  ::setenv("WATCHDOG_USEC", "200000", 1);
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("summer", 10);
  const auto hung = HungThread::Stop(server.pid());  // its main thread
  if (!hung) GTEST_SKIP() << "ptrace is not permitted";
  while (manager_.Receive(std::chrono::milliseconds(0))) continue;
  EXPECT_TRUE(client.Issue(campaign).ok()) << "the other threads go on";
  EXPECT_EQ(manager_.Receive(std::chrono::milliseconds(500)), std::nullopt);
}

TEST_F(ServiceManagerProgram, HangUpIsAReload) {
  SystemEntropy entropy;
  const std::string keys = (directory_.path() / "keys.toml").string();
  ASSERT_TRUE(
      access::AppendKey(keys, access::MakeKey({.role = access::Role::kAdmin}, entropy).key));
  ServerProcess server({"--keys-file", keys});
  ASSERT_TRUE(manager_.ReceiveWith("READY=1"));
  server.process().Signal(SIGHUP);
  EXPECT_THAT(manager_.Receive(), Optional(HasSubstr("RELOADING=1\nMONOTONIC_USEC=")));
  EXPECT_THAT(manager_.Receive(), Optional(HasSubstr("READY=1\n")));
}

TEST(PackagedConfiguration, TheServerStartsWithIt) {
  // The fixture's --data-dir and --listen go before those of the file.
  ServerProcess server({"--config", COUPOND_PACKAGED_CONFIG});
  HttpClient http(server.port());
  EXPECT_EQ(http.Ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").value().status, 200);
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace coupond::test

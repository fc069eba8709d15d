#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "access/key.h"
#include "access/keys_file.h"
#include "base/entropy.h"
#include "engine/codes/coupon_code.h"
#include "support/temporary_directory.h"
#include "system/program/http_client.h"
#include "system/program/killed_server.h"
#include "system/program/server_process.h"

// The limits on asking of the real server.
namespace coupond::test {
namespace {

using access::Role;
using testing::HasSubstr;

class AskLimitsProgram : public testing::Test {
 protected:
  std::string Add(Role role) {
    const access::NewKey made = access::MakeKey({.role = role}, entropy_);
    EXPECT_TRUE(access::AppendKey(file_, made.key));
    return made.text;
  }
  /// Returns a request for a code that no coupon has.
  static std::string Guess(const std::string& key, std::uint64_t number,
                           std::string_view forwarded_for = "") {
    // Of another store, so it is a code by its form and no coupon's here.
    const std::string code = CouponCodec(CodeKey{}).Encode(Serial(number));
    std::string request = PostRequest("/coupon.v1.CouponService/GetCoupon", "application/json",
                                      R"({"code":")" + code + "\"}");
    std::string fields = key.empty() ? "" : "Authorization: Bearer " + key + "\r\n";
    if (!forwarded_for.empty()) {
      fields.append("X-Forwarded-For: ").append(forwarded_for).append("\r\n");
    }
    return request.insert(request.find("\r\n") + 2, fields);
  }

  /// Expects that an unknown code of a visitor counts against the last address that the proxy
  /// names, whatever is said to be before it, and against no other visitor.
  static void ExpectALimitForEachVisitor(HttpClient& client, const std::string& key) {
    const auto status = [&](std::string_view forwarded_for) {
      return client.Ask(Guess(key, 1, forwarded_for)).value().status;
    };
    constexpr int kLimit = 20;  // a minute
    const auto start = std::chrono::steady_clock::now();
    bool is_one_visitor = false;
    int unknown = 0;
    while (!is_one_visitor && unknown < 20 * kLimit) {
      while (unknown < 20 * kLimit && status("198.51.100.9, 192.0.2.7") == 404) ++unknown;
      // Another try may have come back meanwhile.
      is_one_visitor = status("203.0.113.5, 192.0.2.7") == 429;
      unknown += is_one_visitor ? 0 : 1;
    }
    EXPECT_TRUE(is_one_visitor);
    EXPECT_GE(unknown, kLimit);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_LE(unknown, kLimit + static_cast<int>(took / std::chrono::seconds(60 / kLimit)) + 1);
    EXPECT_EQ(status("192.0.2.8"), 404);
  }

  TemporaryDirectory directory_;
  const std::filesystem::path socket_ = directory_.path() / "http.sock";
  const std::string file_ = (directory_.path() / "keys.toml").string();
  SystemEntropy entropy_;
};

TEST_F(AskLimitsProgram, OnlyWhoTriesCodesIsHeldToTheLimit) {
  constexpr int kLimit = 60;
  constexpr int kConnections = 8;
  const int tries_each = (IsFullRun() ? 1'000'000 : 4'000) / kConnections;
  const std::string guesser = Add(Role::kRedeemer);
  const std::string other = Add(Role::kRedeemer);
  ServerProcess server({"--keys-file", file_, "--limit-unknown-codes", std::to_string(kLimit)});
  const auto start = std::chrono::steady_clock::now();
  std::atomic<int> unknown = 0;
  std::atomic<int> refused = 0;
  std::atomic<int> guessing = kConnections;
  std::vector<std::jthread> guessers;
  for (int connection = 0; connection < kConnections; ++connection) {
    guessers.emplace_back([&, connection] {
      HttpClient client(server.port());
      for (int i = 0; i < tries_each; ++i) {
        // An address that is invented changes nothing, because no proxy is trusted.
        const std::string invented = "192.0.2." + std::to_string(i % 250);
        const auto number = static_cast<std::uint64_t>(connection * tries_each + i);
        const HttpReply reply = client.Ask(Guess(guesser, number, invented)).value_or(HttpReply());
        unknown += reply.status == 404;
        refused += reply.status == 429;
      }
      --guessing;
    });
  }
  // Another key's requests are answered all the while. They are few, so as to stay below its limit.
  HttpClient client(server.port());
  for (int i = 0; i < kLimit / 2; ++i) {
    EXPECT_EQ(client.Ask(Guess(other, 1)).value_or(HttpReply()).status, 404);
  }
  while (guessing > 0) {
    EXPECT_EQ(client.Ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").value().status, 200);
  }
  const auto took = std::chrono::steady_clock::now() - start;
  const auto came_back = static_cast<int>(took / std::chrono::seconds(1)) + 1;
  EXPECT_GE(unknown, kLimit);
  // One may be on its way on each connection when another one uses up the last that is left.
  EXPECT_LE(unknown, kLimit + came_back + kConnections);
  EXPECT_EQ(unknown + refused, kConnections * tries_each);
  // One try a second comes back, which may just have happened.
  HttpReply last;
  for (int tries = 0; last.status != 429 && tries < kLimit; ++tries) {
    last = client.Ask(Guess(guesser, 1)).value();
  }
  EXPECT_EQ(last.status, 429);
  EXPECT_THAT(last.body, HasSubstr("RATE_LIMITED"));
  EXPECT_NE(last.Header("retry-after"), "");
  EXPECT_THAT(last.Header("ratelimit"), HasSubstr("codes-of-key"));
}

TEST_F(AskLimitsProgram, ATrustedProxyNamesTheVisitor) {
  const std::string key = Add(Role::kRedeemer);
  ServerProcess server({"--keys-file", file_, "--trusted-proxy", "127.0.0.0/8"});
  HttpClient client(server.port());
  ExpectALimitForEachVisitor(client, key);
}

TEST_F(AskLimitsProgram, ATrustedProxyOnASocketNamesTheVisitor) {
  const std::string key = Add(Role::kRedeemer);
  ServerProcess server({"--keys-file", file_, "--listen", "unix:" + socket_.string(),
                        "--trusted-proxy", "unix", "--connections-per-address", "1", "--access-log",
                        "1"});
  HttpClient client(socket_);
  ExpectALimitForEachVisitor(client, key);
  EXPECT_TRUE(server.WaitForLog("client 192.0.2.8, ")) << server.output();
  HttpClient other(socket_);
  EXPECT_EQ(other.Ask(Guess(key, 1, "192.0.2.9")).value().status, 404) << "a second connection";
}

TEST_F(AskLimitsProgram, VisitorsOnASocketAreLimitedWithoutKeys) {
  const ServerProcess server({"--listen", "unix:" + socket_.string(), "--trusted-proxy", "unix"});
  HttpClient client(socket_);
  ExpectALimitForEachVisitor(client, "");
}

TEST_F(AskLimitsProgram, ASocketThatIsNotTrustedNamesNobody) {
  constexpr int kLimit = 60;
  const std::string key = Add(Role::kRedeemer);
  ServerProcess server({"--keys-file", file_, "--listen", "unix:" + socket_.string(),
                        "--access-log", "1", "--limit-unknown-codes", std::to_string(kLimit)});
  HttpClient client(socket_);
  HttpReply last;
  int unknown = 0;
  for (int tries = 0; last.status != 429 && tries < 20 * kLimit; ++tries) {
    last = client.Ask(Guess(key, 1, tries % 2 == 0 ? "192.0.2.7" : "192.0.2.8")).value();
    unknown += last.status == 404;
  }
  EXPECT_GE(unknown, kLimit) << "two visitors would have reached their limits before";
  EXPECT_THAT(last.Header("ratelimit"), HasSubstr("codes-of-key"));
  EXPECT_TRUE(server.WaitForLog("client unix, ")) << server.output();
  EXPECT_THAT(server.output(), testing::Not(HasSubstr("192.0.2.")));
}

TEST_F(AskLimitsProgram, ConnectionsOfAnAddressAreLimited) {
  const ServerProcess server({"--connections-per-address", "2"});
  HttpClient first(server.port());
  HttpClient second(server.port());
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  EXPECT_EQ(first.Ask(request).value().status, 200);
  EXPECT_EQ(second.Ask(request).value().status, 200);
  HttpClient third(server.port());
  const auto refused = third.Receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_THAT(refused->body, HasSubstr("TOO_MANY_CONNECTIONS_FROM_ADDRESS"));
  EXPECT_TRUE(third.WaitForClose());
  EXPECT_EQ(first.Ask(request).value().status, 200);
}

}  // namespace
}  // namespace coupond::test

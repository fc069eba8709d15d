// Exports from the real server: as of one event while everything changes, in little memory, and not
// too many at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rpc/connect/envelope.h"
#include "support/peak_memory.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/many_issues.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMegabyte = 1'024 * 1'024;

std::string StreamRequest(const std::string& campaign) {
  api::ExportCouponsRequest request;
  request.set_campaign_id(campaign);
  std::string body;
  connect::AppendEnvelope(0, request.SerializeAsString(), body);
  return PostRequest("/coupon.v1.CouponService/ExportCoupons", "application/connect+proto", body);
}

std::string FileRequest(const std::string& campaign, std::string_view file) {
  return "GET /campaigns/" + campaign + "/" + std::string(file) +
         " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

/// The coupons of an export, as a test compares them.
struct Exported {
  std::uint64_t sequence = 0;
  std::vector<std::string> codes;
  std::map<std::string, std::int64_t> states;  ///< the number of coupons in each
};

/// Reads a whole stream, whose messages must agree with each other.
Exported ReadStream(const HttpReply& reply) {
  Exported exported;
  std::int64_t issued_ever = 0;
  std::string_view body = reply.body;
  std::string end;
  while (body.size() >= connect::kEnvelopeHeadBytes && end.empty()) {
    std::size_t length = 0;
    for (const char c : body.substr(1, 4)) length = length << 8 | static_cast<unsigned char>(c);
    const std::string content(body.substr(connect::kEnvelopeHeadBytes, length));
    const bool is_end = body.front() == connect::kConnectEndFlag;
    body.remove_prefix(connect::kEnvelopeHeadBytes + length);
    if (is_end) {
      end = content;
      break;
    }
    api::ExportCouponsResponse message;
    EXPECT_TRUE(message.ParseFromString(content));
    EXPECT_LE(message.coupons_size(), 1'000);
    if (exported.sequence == 0) {
      exported.sequence = message.sequence();
      issued_ever = message.issued_ever();
    }
    EXPECT_EQ(message.sequence(), exported.sequence);
    EXPECT_EQ(message.issued_ever(), issued_ever);
    for (const api::Coupon& coupon : message.coupons()) {
      exported.codes.push_back(coupon.code());
      ++exported.states[api::CouponState_Name(coupon.state())];
    }
  }
  EXPECT_EQ(end, "{}");
  EXPECT_EQ(exported.codes.size(), static_cast<std::size_t>(issued_ever));
  return exported;
}

/// Reads a whole CSV file, in which no cell is quoted.
Exported ReadCsv(const HttpReply& reply) {
  Exported exported;
  exported.sequence = std::stoull("0" + reply.Header("coupond-sequence"));
  std::string_view rest = reply.body;
  const auto take = [](std::string_view& text, std::string_view separator) {
    const std::string_view taken = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(taken.size() + separator.size(), text.size()));
    return taken;
  };
  EXPECT_THAT(std::string(take(rest, "\r\n")), HasSubstr("code,user_id,state,"));
  while (!rest.empty()) {
    std::string_view line = take(rest, "\r\n");
    exported.codes.emplace_back(take(line, ","));
    take(line, ",");
    std::string state(take(line, ","));
    std::ranges::transform(state, state.begin(), [](char c) { return std::toupper(c); });
    ++exported.states["COUPON_STATE_" + state];
  }
  return exported;
}

class ExportProgramTest : public testing::Test {
 protected:
  [[nodiscard]] HttpReply Ask(const std::string& request) const {
    const auto reply = HttpClient(server_.port()).Ask(request);
    EXPECT_TRUE(reply.has_value()) << "the answer broke off";
    return reply.value_or(HttpReply{});
  }
  /// Returns what coupon-audit prints about the stopped server's store.
  [[nodiscard]] boost::json::value Audit(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), COUPON_AUDIT_PATH);
    arguments.push_back(server_.data_directory().string());
    Process audit(arguments);
    EXPECT_EQ(audit.WaitForExit(std::chrono::minutes(1)), 0) << audit.output();
    return boost::json::parse(audit.output());
  }

  ServerProcess server_{{"--threads", "2"}};
  CouponClient client_{server_.port(), Form::kConnectProto};
  const std::string campaign_ = client_.CreateStarted("exported", 1'000'000);
};

/// Three clients who issue, redeem and void coupons until this is destroyed.
class Changes {
 public:
  Changes(std::uint16_t port, const std::string& campaign, std::vector<std::string> codes)
      : port_(port), campaign_(campaign), codes_(std::move(codes)) {
    threads_[0] = std::thread([this] {
      CouponClient client(port_, Form::kConnectProto);
      Repeat([&] {
        const auto issued = client.Issue(campaign_);
        if (issued.response.success()) Count(kIssued);
        return issued.ok();
      });
    });
    threads_[1] = std::thread([this] {
      CouponClient client(port_, Form::kConnectProto);
      std::mt19937 random(1);
      Repeat([&] {
        const std::string& code = codes_[random() % codes_.size()];
        const auto redeemed = client.Redeem(code);
        if (!redeemed.response.success()) return redeemed.ok();
        if (random() % 2 == 0) {
          Count(kRedeemed);
          return true;
        }
        return client.Cancel(code, redeemed.response.sequence()).ok();
      });
    });
    threads_[2] = std::thread([this] {
      CouponClient client(port_, Form::kConnectProto);
      std::mt19937 random(2);
      Repeat([&] {
        const bool returns = random() % 2 == 0;
        const auto voided = client.Void(codes_[random() % codes_.size()], returns);
        if (voided.ok() && voided.response.changed()) Count(returns ? kReturned : kVoided);
        // A coupon that is redeemed cannot be voided.
        return voided.status > 0;
      });
    });
  }
  ~Changes() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  /// Waits until each kind of change has been made, and one more coupon was issued. Fails if that
  /// takes too long.
  void WaitForMore() {
    std::unique_lock lock(mutex_);
    made_[kIssued] = 0;
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [this] {
      return std::ranges::none_of(made_, [](int count) { return count == 0; });
    })) << "nothing happens any more";
  }

 private:
  enum Kind { kIssued, kRedeemed, kVoided, kReturned, kKinds };

  void Count(Kind kind) {
    const std::lock_guard lock(mutex_);
    ++made_[kind];
    changed_.notify_all();
  }
  void Repeat(const std::function<bool()>& step) {
    while (!stop_) ASSERT_TRUE(step());
  }

  const std::uint16_t port_;
  const std::string campaign_;
  const std::vector<std::string> codes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<int, kKinds> made_{};  // guarded by mutex_
  std::atomic<bool> stop_{false};
  std::array<std::thread, 3> threads_;
};

TEST_F(ExportProgramTest, EachIsAsTheLogSaysAtItsSequence) {
  constexpr int kIssued = 6'000;
  constexpr int kExports = 6;
  IssueMany(server_.port(), campaign_, kIssued);
  std::vector<Exported> all;
  {
    Changes changes(server_.port(), campaign_, client_.Codes(campaign_));
    for (int i = 0; i < kExports; ++i) {
      changes.WaitForMore();
      all.push_back(i % 2 == 0 ? ReadStream(Ask(StreamRequest(campaign_)))
                               : ReadCsv(Ask(FileRequest(campaign_, "coupons.csv"))));
    }
  }
  const auto codes = client_.Codes(campaign_);
  ASSERT_EQ(server_.Stop(std::chrono::minutes(1)), 0) << server_.output();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Exported& exported = all[i];
    EXPECT_GT(exported.sequence, i == 0 ? 0 : all[i - 1].sequence) << "nothing has happened";
    const auto state = Audit({"replay", "--json", "--until", std::to_string(exported.sequence)});
    EXPECT_EQ(state.at("sequence"), exported.sequence);
    const auto& campaign = state.at("campaigns").at(0);
    const auto count = [&campaign](const char* name) { return campaign.at(name).as_int64(); };
    const std::int64_t issued = count("issuedCoupons");
    EXPECT_EQ(exported.states["COUPON_STATE_REDEEMED"], count("redeemedCoupons"));
    EXPECT_EQ(exported.states["COUPON_STATE_VOIDED"], count("voidedCoupons"));
    EXPECT_EQ(exported.states["COUPON_STATE_RETURNED"], count("returnedCoupons"));
    EXPECT_EQ(exported.states["COUPON_STATE_ISSUED"],
              issued - count("redeemedCoupons") - count("voidedCoupons"));
    EXPECT_GE(exported.codes.size(), static_cast<std::size_t>(kIssued));
    ASSERT_LE(exported.codes.size(), codes.size());
    EXPECT_TRUE(std::ranges::equal(
        exported.codes, std::vector(codes.begin(), codes.begin() + std::ssize(exported.codes))))
        << "in the order of issue";
  }
  EXPECT_GT(all.back().states["COUPON_STATE_REDEEMED"], 0);
  EXPECT_GT(all.back().states["COUPON_STATE_VOIDED"], 0);
  EXPECT_GT(all.back().states["COUPON_STATE_RETURNED"], 0);
}

TEST_F(ExportProgramTest, TwoHundredThousandTakeLittleMemory) {
  constexpr int kCoupons = 200'000;
  constexpr int kThreads = 2;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] { IssueMany(server_.port(), campaign_, kCoupons / kThreads); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& request :
       {StreamRequest(campaign_), FileRequest(campaign_, "coupons.csv"),
        FileRequest(campaign_, "coupons.jsonl")}) {
    const PeakMemory memory(server_.pid());
    const HttpReply reply = Ask(request);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.Header("transfer-encoding"), "chunked");
    EXPECT_GT(reply.body.size(), 12 * kMegabyte);
    EXPECT_LT(memory.GrowthBytes(), 8 * kMegabyte);
    std::printf("%zu bytes; the server's peak grew by %zu kB\n", reply.body.size(),
                memory.GrowthBytes() / 1'024);
  }
}

class SilentExportsTest : public ExportProgramTest {
 protected:
  /// More than the kernel's buffers hold.
  static constexpr int kCoupons = 40'000;
  static constexpr int kExportsMax = 16;

  SilentExportsTest() { IssueMany(server_.port(), campaign_, kCoupons); }

  /// Returns a client that has asked for a file, whose answer has begun, and does not read it.
  [[nodiscard]] HttpClient Begin() const {
    constexpr std::size_t kSmallReceiveBuffer = 4 * 1'024;
    HttpClient silent(server_.port(), kSmallReceiveBuffer);
    EXPECT_TRUE(silent.Send(FileRequest(campaign_, "coupons.jsonl")));
    EXPECT_TRUE(silent.WaitUntilReadable());
    return silent;
  }
  [[nodiscard]] int StatusOfOneMore() const {
    return Ask(FileRequest(campaign_, "coupons.csv?states=voided")).status;
  }
};

TEST_F(SilentExportsTest, HoldUpNothingAndMakeRoomWhenTheyLeave) {
  const PeakMemory memory(server_.pid());
  std::vector<HttpClient> silent;
  for (int i = 0; i < kExportsMax; ++i) silent.push_back(Begin());
  EXPECT_EQ(StatusOfOneMore(), 503);
  EXPECT_TRUE(client_.Issue(campaign_).response.success());
  EXPECT_EQ(client_.Codes(campaign_).size(), kCoupons + 1U);
  EXPECT_LT(memory.GrowthBytes(), 32 * kMegabyte);
  silent.clear();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  int status = 503;
  while (status == 503 && std::chrono::steady_clock::now() < deadline) status = StatusOfOneMore();
  EXPECT_EQ(status, 200);
}

TEST_F(SilentExportsTest, ShowACampaignThatWasDeletedMeanwhile) {
  HttpClient reader = Begin();
  EXPECT_TRUE(client_.Delete(campaign_).response.success());
  EXPECT_EQ(client_.Get(campaign_).status, 404);
  const auto reply = reader.Receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::ranges::count(reply->body, '\n'), kCoupons);
  EXPECT_EQ(StatusOfOneMore(), 404);
}

TEST_F(SilentExportsTest, DoNotHoldUpTheServersEnd) {
  HttpClient file = Begin();
  HttpClient stream(server_.port(), 4 * 1'024);
  EXPECT_TRUE(stream.Send(StreamRequest(campaign_)));
  EXPECT_TRUE(stream.WaitUntilReadable());
  EXPECT_EQ(server_.Stop(std::chrono::minutes(1)), 0) << server_.output();
  EXPECT_FALSE(file.Receive()) << "a file that was cut off looks whole";
}

TEST_F(ExportProgramTest, ServerInfoAgreesWithTheAuditOfTheLog) {
  IssueMany(server_.port(), campaign_, 2'000);
  const HttpReply reply =
      Ask(PostRequest("/coupon.v1.AdminService/GetServerInfo", "application/json", "{}"));
  ASSERT_EQ(reply.status, 200);
  const auto info = boost::json::parse(reply.body);
  ASSERT_EQ(server_.Stop(std::chrono::minutes(1)), 0) << server_.output();
  const auto audit = Audit({"verify", "--json"});
  EXPECT_EQ(info.at("headHash"), audit.at("headHash"));
  EXPECT_EQ(info.at("storeId"), audit.at("storeId"));
  EXPECT_EQ(info.at("headSequence").as_string(),
            std::to_string(audit.at("events").to_number<std::uint64_t>()));
  EXPECT_LT(std::string(info.at("startedAt").as_string()),
            std::string(info.at("serverTime").as_string()));
}

}  // namespace
}  // namespace coupond::test

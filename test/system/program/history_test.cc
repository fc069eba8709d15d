#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "system/program/event_stream.h"
#include "system/program/history.h"
#include "system/program/history_check.h"
#include "system/program/recording_client.h"
#include "system/program/server_process.h"

// Many clients at once on few campaigns, and a judge who holds all that they were told against one
// thread that does one thing after another.
namespace coupond::test {
namespace {

constexpr std::size_t kClients = 8;

/// Counts the replies of each kind, so that a run that tested nothing is noticed.
std::map<std::string, std::size_t> CountReplies(const History& history) {
  std::map<std::string, std::size_t> counts;
  for (const Operation& operation : history) {
    const std::string what = std::visit(
        [&]<typename Reply>(const Reply& reply) -> std::string {
          if constexpr (std::is_same_v<Reply, api::CreateCampaignResponse>) {
            return "created";
          } else if constexpr (std::is_same_v<Reply, api::IssueCouponResponse>) {
            if (reply.success()) return reply.already_issued() ? "held" : "issued";
            return api::Refusal_Name(reply.refusal());
          } else if constexpr (std::is_same_v<Reply, api::BatchIssueCouponsResponse>) {
            if (reply.already_issued()) return "batch repeated";
            return reply.issued_coupons() > 0 ? "batch issued" : "batch unchanged";
          } else if constexpr (std::is_same_v<Reply, api::DeleteCampaignResponse>) {
            return reply.success() ? "deleted" : "nothing deleted";
          } else if constexpr (std::is_same_v<Reply, api::RedeemCouponResponse>) {
            if (reply.success()) return reply.already_redeemed() ? "redeemed before" : "redeemed";
            return api::Refusal_Name(reply.refusal());
          } else if constexpr (std::is_same_v<Reply, api::RefusalDetail>) {
            return api::Refusal_Name(reply.refusal());
          } else if constexpr (std::is_same_v<Reply, api::EraseUserResponse>) {
            if (reply.already_erased()) return "erased before";
            return reply.erased_coupons() > 0 ? "erased" : "nothing erased";
          } else {
            return reply.GetDescriptor()->name() + (reply.changed() ? "" : ", unchanged");
          }
        },
        operation.reply);
    ++counts[what];
  }
  return counts;
}

/// Returns how many answers about campaigns have the campaign, less those that do not.
int CountCampaigns(const History& history) {
  int count = 0;
  for (const Operation& operation : history) {
    count += std::visit(
        [](const auto& reply) {
          if constexpr (requires { reply.has_campaign(); }) return reply.has_campaign() ? 1 : -1;
          return 0;
        },
        operation.reply);
  }
  return count;
}

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    std::printf("seed %u; --gtest_random_seed=%u does the same again\n", seed_, seed_);
    for (std::size_t i = 0; i < kClients; ++i)
      clients_.emplace_back(i, seed_ * kClients + static_cast<unsigned>(i), campaigns_);
  }
  void RunClients() {
    std::vector<std::thread> threads;
    threads.reserve(kClients);
    for (RecordingClient& client : clients_) {
      threads.emplace_back([&] { client.Run(server_.port()); });
    }
    for (std::thread& thread : threads) thread.join();
  }
  void Restart() {
    ASSERT_EQ(server_.Stop(), 0) << server_.output();
    server_.Start();
  }
  [[nodiscard]] History WholeHistory() const {
    History all;
    for (const RecordingClient& client : clients_) {
      all.insert(all.end(), client.history().begin(), client.history().end());
    }
    return all;
  }

  /// Reads the whole log, and returns what it tells of erasures.
  [[nodiscard]] ErasureLog ReadErasures() const {
    EventStream stream(server_.port(), {});
    std::vector<api::Event> events;
    std::uint64_t end = 1;
    while (auto message = stream.Read()) {
      for (api::Event& event : *message->mutable_events()) events.push_back(std::move(event));
      end = message->next_sequence();
    }
    EXPECT_EQ(stream.end(), "{}");
    return ErasuresOf(events, end);
  }

  /// The maximum of GoogleTest's own flag.
  static constexpr unsigned kSeedMax = 99'999;
  const unsigned seed_ = GTEST_FLAG_GET(random_seed) != 0
                             ? static_cast<unsigned>(GTEST_FLAG_GET(random_seed))
                             : std::random_device()() % kSeedMax + 1;
  ServerProcess server_;
  KnownCampaigns campaigns_;
  std::vector<RecordingClient> clients_;
};

TEST_F(HistoryTest, AllAnswersFitOneOrderEvenAcrossARestart) {
  RunClients();
  Restart();
  RunClients();
  const History history = WholeHistory();
  for (const auto& [reply, count] : CountReplies(history)) {
    std::printf("%6zu %s\n", count, reply.c_str());
  }
  const ErasureLog log = ReadErasures();
  EXPECT_FALSE(log.users.empty()) << "the log shows no coupon";
  const auto fault = FindFault(history, log);
  EXPECT_FALSE(fault) << NameOf(fault->kind) << ": " << fault->text;
  // An answer has none if the campaign was deleted meanwhile or the server was too busy to read it.
  // The judge cannot know, and passes over such answers, so most of them must have one.
  EXPECT_GT(CountCampaigns(history), 0);
  auto counts = CountReplies(history);
  for (const char* reply : {"created",
                            "issued",
                            "held",
                            "deleted",
                            "nothing deleted",
                            "batch issued",
                            "batch repeated",
                            "batch unchanged",
                            "redeemed",
                            "redeemed before",
                            "erased",
                            "CancelRedemptionResponse",
                            "VoidCouponResponse",
                            "VoidCouponResponse, unchanged",
                            "UpdateCampaignResponse",
                            "PauseCampaignResponse",
                            "ResumeCampaignResponse",
                            "ArchiveCampaignResponse",
                            "UnarchiveCampaignResponse",
                            "REFUSAL_COUPON_ALREADY_REDEEMED",
                            "REFUSAL_COUPON_VOIDED",
                            "REFUSAL_NOT_REDEEMED",
                            "REFUSAL_NO_SUCH_COUPON",
                            "REFUSAL_WRONG_HOLDER",
                            "REFUSAL_REDEEMING_PAUSED",
                            "REFUSAL_PAUSED",
                            "REFUSAL_ENDED",
                            "REFUSAL_CAMPAIGN_ARCHIVED",
                            "REFUSAL_CHANGED_MEANWHILE",
                            "REFUSAL_TOTAL_BELOW_ISSUED",
                            "REFUSAL_COUPONS_PER_USER_FIXED",
                            "REFUSAL_NOT_ENOUGH_LEFT",
                            "REFUSAL_REQUEST_ID_REUSED",
                            "REFUSAL_SOLD_OUT",
                            "REFUSAL_NOT_STARTED",
                            "REFUSAL_NO_SUCH_CAMPAIGN",
                            "REFUSAL_NAME_TAKEN",
                            "REFUSAL_NAME_EMPTY",
                            "REFUSAL_TOTAL_TOO_SMALL",
                            "REFUSAL_START_TIME_MISSING",
                            "REFUSAL_START_TIME_IN_PAST",
                            "REFUSAL_COUPONS_PER_USER_OUT_OF_RANGE",
                            "REFUSAL_REQUEST_ID_REQUIRED",
                            "REFUSAL_USER_LIMIT_REACHED"}) {
    EXPECT_GT(counts[reply], 0U) << reply << " was not tried";
  }
}

}  // namespace
}  // namespace coupond::test

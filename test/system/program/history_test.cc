#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/history.h"
#include "system/program/history_check.h"
#include "system/program/server_process.h"

// Many clients at once on few campaigns, and a judge who holds all that they were told against one
// thread that does one thing after another.
namespace coupond::test {
namespace {

constexpr std::size_t kClients = 8;
constexpr std::size_t kOperationsPerClient = 1'200;  // in each run of the server
constexpr std::size_t kSlots = 5;
constexpr UnixNanoseconds kMillisecond = 1'000'000;

/// The campaigns that clients know. Each slot has a name, which only one live campaign at a time
/// can have. Thread-safe.
class Campaigns {
 public:
  static std::string NameOf(std::size_t slot) { return "campaign " + std::to_string(slot); }
  void Add(std::size_t slot, const std::string& id) {
    const std::lock_guard lock(mutex_);
    ids_.at(slot).push_back(id);
  }
  /// Returns the slot's newest campaign, or the one `back` before it; an id of no campaign if there
  /// is none.
  [[nodiscard]] std::string IdOf(std::size_t slot, std::size_t back) {
    const std::lock_guard lock(mutex_);
    const auto& ids = ids_.at(slot);
    if (ids.size() <= back) return "00000000-0000-4000-8000-000000000000";
    return ids[ids.size() - 1 - back];
  }

 private:
  std::mutex mutex_;
  std::array<std::vector<std::string>, kSlots> ids_;
};

/// A client whose requests follow from its seed, and which records the answers.
class RecordingClient {
 public:
  RecordingClient(std::size_t number, unsigned seed, Campaigns& campaigns)
      : number_(number),
        random_(seed * kClients + static_cast<unsigned>(number)),
        campaigns_(campaigns) {}

  void Run(std::uint16_t port) {
    CouponClient client(port);
    for (std::size_t i = 0; i < kOperationsPerClient && !testing::Test::HasFailure(); ++i) {
      const std::size_t slot = Below(kSlots);
      const std::size_t choice = Below(100);
      if (choice < 7) {
        Create(client, slot);
      } else if (choice < 9) {
        Delete(client, slot);
      } else if (choice < 15) {
        IssueBatch(client, slot);
      } else {
        Issue(client, slot);
      }
    }
  }
  [[nodiscard]] const History& history() const { return history_; }

 private:
  using Clock = Operation::Clock;

  [[nodiscard]] std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  void Create(CouponClient& client, std::size_t slot) {
    api::CreateCampaignRequest request;
    request.set_name(Below(20) == 0 ? "" : Campaigns::NameOf(slot));
    request.set_total_coupons(static_cast<std::int32_t>(Below(60)));
    request.set_coupons_per_user(static_cast<std::int32_t>(Below(4)));
    if (Below(20) == 0) request.set_coupons_per_user(1'001);
    // Sometimes in the past; otherwise soon enough for requests before and after it.
    const auto lead = static_cast<UnixNanoseconds>(Below(20)) * kMillisecond;
    const std::size_t said = Below(20);
    if (said < 12) *request.mutable_start_time() = TimestampOf(Now() + lead - kMillisecond);
    if (said >= 12 && said < 19) {
      request.mutable_start_in()->set_nanos(static_cast<std::int32_t>(lead - kMillisecond));
    }
    const auto start = Clock::now();
    const auto answer = client.Create(request);
    Record(start, request, answer);
    if (answer.ok()) campaigns_.Add(slot, answer.response.campaign().id());
  }

  void Issue(CouponClient& client, std::size_t slot) {
    api::IssueCouponRequest request;
    request.set_campaign_id(campaigns_.IdOf(slot, Below(20) == 0 ? 1 : 0));
    const std::size_t kind = Below(4);
    if (kind % 2 == 1) request.set_user_id("user " + std::to_string(Below(15)));
    if (kind >= 2) request.set_request_id("request " + std::to_string(Below(40)));
    const auto start = Clock::now();
    Record(start, request, client.Issue(request));
  }

  void IssueBatch(CouponClient& client, std::size_t slot) {
    api::BatchIssueCouponsRequest request;
    request.set_campaign_id(campaigns_.IdOf(slot, Below(20) == 0 ? 1 : 0));
    request.set_allow_partial(Below(2) == 0);
    const std::size_t coupons = 1 + Below(8);
    if (Below(2) == 0) {
      request.set_count(static_cast<std::int32_t>(coupons));
    } else {
      for (std::size_t i = 0; i < coupons; ++i) {
        request.add_user_ids("user " + std::to_string(Below(15)));
      }
    }
    if (Below(4) != 0) request.set_request_id("batch " + std::to_string(++batches_));
    if (Below(20) == 0) request.set_request_id(last_batch_.request_id());
    if (Below(4) == 0 && !last_batch_.request_id().empty()) request = last_batch_;
    // Two clients may ask for the same, but not for different things with the same id.
    if (!request.request_id().empty() && !request.request_id().contains(" of ")) {
      request.set_request_id(request.request_id() + " of " + std::to_string(number_));
    }
    last_batch_ = request;
    const auto start = Clock::now();
    Record(start, request, client.BatchIssue(request));
  }

  void Delete(CouponClient& client, std::size_t slot) {
    api::DeleteCampaignRequest request;
    const std::size_t kind = Below(3);
    if (kind != 0) request.set_campaign_id(campaigns_.IdOf(slot, 0));
    if (kind != 1) request.set_campaign_name(Campaigns::NameOf(Below(10) == 0 ? 0 : slot));
    const auto start = Clock::now();
    Record(start, request, client.Delete(request.campaign_id(), request.campaign_name()));
  }

  template <typename Request, typename Response>
  void Record(Clock::time_point start, const Request& request, const Answer<Response>& answer) {
    const auto end = Clock::now();
    Operation operation{
        .client = number_, .start = start, .end = end, .request = request, .reply = {}};
    if (answer.ok()) {
      operation.reply = answer.response;
    } else if (answer.refusal) {
      operation.reply = *answer.refusal;
    } else {
      ADD_FAILURE() << "neither done nor refused: " << answer.status << " " << answer.raw_body;
      return;
    }
    history_.push_back(std::move(operation));
  }

  std::size_t number_;
  std::mt19937 random_;
  Campaigns& campaigns_;
  History history_;
  api::BatchIssueCouponsRequest last_batch_;
  int batches_ = 0;
};

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
          } else {
            return api::Refusal_Name(reply.refusal());
          }
        },
        operation.reply);
    ++counts[what];
  }
  return counts;
}

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    std::printf("seed %u; --gtest_random_seed=%u does the same again\n", seed_, seed_);
    for (std::size_t i = 0; i < kClients; ++i) clients_.emplace_back(i, seed_, campaigns_);
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

  /// The maximum of GoogleTest's own flag.
  static constexpr unsigned kSeedMax = 99'999;
  const unsigned seed_ = GTEST_FLAG_GET(random_seed) != 0
                             ? static_cast<unsigned>(GTEST_FLAG_GET(random_seed))
                             : std::random_device()() % kSeedMax + 1;
  ServerProcess server_;
  Campaigns campaigns_;
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
  const auto fault = FindFault(history);
  EXPECT_FALSE(fault) << NameOf(fault->kind) << ": " << fault->text;
  auto counts = CountReplies(history);
  for (const char* reply : {"created",
                            "issued",
                            "held",
                            "deleted",
                            "nothing deleted",
                            "batch issued",
                            "batch repeated",
                            "batch unchanged",
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

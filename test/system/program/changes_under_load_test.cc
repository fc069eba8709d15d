#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// An operator changes a campaign while 64 clients ask for its coupons.
namespace coupond::test {
namespace {

constexpr int kClients = 64;
constexpr int kChanges = 40;

/// What clients were told, in no order.
struct Told {
  std::vector<std::uint64_t> issued;                            ///< the sequences
  std::vector<std::pair<std::uint64_t, api::Refusal>> refused;  ///< the sequence, and why
};

class ChangesUnderLoadTest : public testing::Test {
 protected:
  /// Runs the operator while the clients ask, and returns what these were told.
  template <typename Operator>
  Told AskWhile(Operator run_operator) {
    Told told;
    std::mutex mutex;
    std::atomic<bool> done = false;
    std::vector<std::jthread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([&] {
        CouponClient client(server_.port(), Form::kConnectProto);
        Told own;
        while (!done) {
          const auto answer = client.Issue(campaign_);
          if (!answer.ok()) {
            ADD_FAILURE() << answer.status << " " << answer.raw_body;
            break;
          }
          if (answer.response.success()) {
            own.issued.push_back(answer.response.sequence());
          } else {
            own.refused.emplace_back(answer.response.sequence(), answer.response.refusal());
            has_refused_ = true;
          }
        }
        const std::lock_guard lock(mutex);
        told.issued.insert(told.issued.end(), own.issued.begin(), own.issued.end());
        told.refused.insert(told.refused.end(), own.refused.begin(), own.refused.end());
      });
    }
    run_operator();
    done = true;
    clients.clear();
    std::ranges::sort(told.issued);
    return told;
  }
  /// Returns how many coupons were issued with a sequence above `after` and below `before`.
  static std::ptrdiff_t IssuedBetween(const Told& told, std::uint64_t after, std::uint64_t before) {
    return std::ranges::lower_bound(told.issued, before) -
           std::ranges::upper_bound(told.issued, after);
  }
  /// Waits until so many coupons are out, or none is left.
  void WaitForIssues(std::int32_t count) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < patience) {
      const auto status = client_.Status(campaign_);
      ASSERT_TRUE(status.ok()) << status.raw_body;
      if (status.response.issued_coupons() >= std::min(count, status.response.total_coupons())) {
        return;
      }
    }
    FAIL() << "nothing is issued any more";
  }
  /// Waits until a client has been refused.
  void WaitForRefusal() const {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < patience) {
      if (has_refused_) return;
      std::this_thread::yield();
    }
    FAIL() << "no one is refused during the pause";
  }
  /// Stops the server and lets the auditor replay the log: at each sequence no more coupons than
  /// the total, and none while issuing is paused.
  void ExpectSound() {
    EXPECT_EQ(server_.Stop(), 0) << server_.output();
    Process audit({COUPON_AUDIT_PATH, "verify", server_.data_directory().string()});
    EXPECT_EQ(audit.WaitForExit(std::chrono::seconds(60)), 0) << audit.output();
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), Form::kConnectProto};
  std::string campaign_ = client_.CreateStarted("under load", 100);
  std::atomic<bool> has_refused_ = false;
};

TEST_F(ChangesUnderLoadTest, TheTotalHoldsAtEverySequence) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  // The sequence from which each total counts.
  std::vector<std::pair<std::uint64_t, std::int32_t>> totals = {{0, 100}};
  int lowered = 0;
  const Told told = AskWhile([&] {
    for (int i = 0; i < kChanges; ++i) {
      const auto issued = client_.Status(campaign_).response.issued_coupons();
      api::UpdateCampaignRequest request;
      request.mutable_campaign()->set_id(campaign_);
      // Half of them lower the total to about what is out, and may come too late for that.
      const bool lower = i % 2 == 1;
      const auto total = issued + static_cast<std::int32_t>(lower ? 1 + random() % 40 : 200);
      request.mutable_campaign()->set_total_coupons(total);
      const auto answer = client_.Update(request);
      if (answer.ok() && answer.response.changed()) {
        totals.emplace_back(answer.response.sequence(), total);
        lowered += lower ? 1 : 0;
      } else if (!answer.ok()) {
        ASSERT_TRUE(answer.refusal) << answer.raw_body;
        EXPECT_EQ(answer.refusal->refusal(), api::REFUSAL_TOTAL_BELOW_ISSUED);
      }
      if (!lower) WaitForIssues(issued + 100);
    }
  });
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const std::uint64_t end = i + 1 < totals.size() ? totals[i + 1].first : ~std::uint64_t{0};
    EXPECT_LE(IssuedBetween(told, 0, end), totals[i].second) << "before sequence " << end;
  }
  for (const auto& [sequence, refusal] : told.refused) {
    ASSERT_EQ(refusal, api::REFUSAL_SOLD_OUT) << "at sequence " << sequence;
    const auto later = std::ranges::upper_bound(totals, sequence, {},
                                                [](const auto& total) { return total.first; });
    ASSERT_EQ(IssuedBetween(told, 0, sequence + 1), std::prev(later)->second)
        << "at sequence " << sequence;
  }
  EXPECT_GT(told.issued.size(), 1'000U);
  EXPECT_GT(lowered, 0);
  ExpectSound();
}

TEST_F(ChangesUnderLoadTest, NothingIsIssuedFromAPauseToItsResume) {
  // The sequences of each pause and of its resume.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pauses;
  api::UpdateCampaignRequest enough;
  enough.mutable_campaign()->set_id(campaign_);
  enough.mutable_campaign()->set_total_coupons(100'000'000);
  ASSERT_TRUE(client_.Update(enough).ok());
  const Told told = AskWhile([&] {
    for (int i = 0; i < kChanges; ++i) {
      WaitForIssues(50 * (i + 1));
      const auto paused = client_.Pause(campaign_, api::PAUSE_SCOPE_ISSUING);
      ASSERT_TRUE(paused.ok() && paused.response.changed()) << paused.raw_body;
      // At least one pause is long enough to be met.
      if (i + 1 == kChanges) WaitForRefusal();
      const auto resumed = client_.Resume(campaign_, api::PAUSE_SCOPE_ISSUING);
      ASSERT_TRUE(resumed.ok() && resumed.response.changed()) << resumed.raw_body;
      pauses.emplace_back(paused.response.sequence(), resumed.response.sequence());
    }
  });
  for (const auto& [pause, resume] : pauses) {
    EXPECT_EQ(IssuedBetween(told, pause, resume), 0) << "from sequence " << pause;
    // Not even the log has anything in between.
    EXPECT_EQ(resume, pause + 1);
  }
  for (const auto& [sequence, refusal] : told.refused) {
    ASSERT_EQ(refusal, api::REFUSAL_PAUSED);
    // Refused is only what came after the pause and before the resume.
    EXPECT_TRUE(std::ranges::any_of(
        pauses, [&](const auto& interval) { return interval.first == sequence; }))
        << "at sequence " << sequence;
  }
  EXPECT_GT(told.refused.size(), 0U);
  ExpectSound();
}

}  // namespace
}  // namespace coupond::test

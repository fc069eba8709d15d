#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "couponctl/load/load_generator.h"
#include "support/at_some_pace.h"
#include "support/fake_server.h"
#include "tools/couponctl/fake_campaign.h"

// How a load redeems the coupons that it was given.
namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;

class LoadRedeemTest : public testing::Test {
 protected:
  /// Changes the answer to the RedeemCoupon request with this number (0, 1, …).
  using Fault = std::function<FakeAnswer(int number, FakeAnswer answer)>;

  LoadResult Run() {
    const auto result = RunLoad(plan_, milliseconds(50), [this](const LoadProgress& progress) {
      if (on_progress_) on_progress_(progress);
    });
    EXPECT_TRUE(result.has_value()) << result.error();
    EXPECT_TRUE(result->redeemed.has_value());
    return *result;
  }
  /// Asks for `requests` coupons at 1,000 a second.
  void Serve(int requests, Fault fault = {}) {
    Serve(ArrivalSchedule::Make(1000, milliseconds(requests)).value(), std::move(fault));
  }
  void Serve(const ArrivalSchedule& schedule, Fault fault = {}) {
    server_ =
        std::make_unique<FakeServer>([this, fault = std::move(fault), number = 0](
                                         std::string_view method, std::string_view body) mutable {
          methods_ += method == "RedeemCoupon" ? 'r' : 'i';
          FakeAnswer answer = campaign_.Handle(method, body);
          answer.keep_alive = keep_alive_;
          const bool faulty = method == "RedeemCoupon" && fault;
          return faulty ? fault(number++, std::move(answer)) : answer;
        });
    plan_.server = server_->address();
    plan_.schedule = schedule;
  }
  /// Returns how often each request_id was sent to redeem.
  [[nodiscard]] std::map<std::string, int> TimesOfRequests() const {
    std::map<std::string, int> times;
    for (const auto& request : campaign_.redemptions()) ++times[request.request_id()];
    return times;
  }
  /// Delays the answers to the first redemptions.
  static Fault DelayFirst(int count, milliseconds delay) {
    return [count, delay](int number, FakeAnswer answer) {
      if (number < count) answer.delay = delay;
      return answer;
    };
  }
  static Fault DropEveryFifth() {
    return [](int number, FakeAnswer answer) {
      answer.drop = number % 5 == 2;
      return answer;
    };
  }

  FakeCampaign campaign_{1000};
  bool keep_alive_ = true;
  std::string methods_;  ///< the requests in the order of their arrival: 'i' or 'r'
  std::unique_ptr<FakeServer> server_;
  LoadPlan plan_{.campaign_id = FakeCampaign::kId,
                 .connections = 3,
                 .schedule = ArrivalSchedule::Make(1000, seconds(1)).value(),
                 .request_timeout = seconds(60),
                 .drain_for = seconds(60),
                 .redeem = true};
  std::function<void(const LoadProgress&)> on_progress_;
};

TEST_F(LoadRedeemTest, EachCouponOnceWhenAllAreIssued) {
  Serve(100);
  const LoadResult result = Run();
  const RedeemTally& tally = result.redeemed->tally;
  EXPECT_EQ(tally.sent(), 100U);
  EXPECT_EQ(tally.attempts(), 100U);
  EXPECT_EQ(tally.redeemed(), 100U);
  EXPECT_EQ(tally.latency().count(), 100U);
  EXPECT_TRUE(tally.errors().empty());
  EXPECT_EQ(campaign_.redeemed(), 100);
  EXPECT_EQ(methods_, std::string(100, 'i') + std::string(100, 'r'));
  EXPECT_EQ(result.tally.connections(), 3U) << "over the same connections";
  EXPECT_GE(result.redeemed->begin, result.elapsed);
  std::set<std::string> codes;
  for (const auto& request : campaign_.redemptions()) {
    EXPECT_EQ(request.campaign_id(), FakeCampaign::kId);
    EXPECT_EQ(request.user_id(), "");
    EXPECT_EQ(request.request_id(), result.redeemed->request_ids.For(request.code()));
    codes.insert(request.code());
  }
  EXPECT_EQ(codes.size(), 100U);
  for (const HeldCoupon& coupon : result.tally.held()) {
    EXPECT_EQ(coupon.redemption, RedeemOutcome::kRedeemed);
  }
  // The last one is due at 99 ms.
  EXPECT_GE(result.redeemed->elapsed, milliseconds(99));
}

TEST_F(LoadRedeemTest, RequestIdsOfTwoLoadsDiffer) {
  Serve(5);
  const LoadResult first = Run();
  EXPECT_NE(first.redeemed->request_ids.For("x"), Run().redeemed->request_ids.For("x"));
}

TEST_F(LoadRedeemTest, ForTheUserWhoHasTheCoupon) {
  Serve(100);
  plan_.users.count = 12;
  const LoadResult result = Run();
  EXPECT_EQ(result.redeemed->tally.redeemed(), 12U);
  std::map<std::string, std::string> user_of;
  for (const HeldCoupon& coupon : result.tally.held()) {
    user_of[std::string(coupon.code.text())] = "user-" + std::to_string(coupon.user);
  }
  for (const auto& request : campaign_.redemptions()) {
    EXPECT_EQ(request.user_id(), user_of.at(request.code()));
  }
}

TEST_F(LoadRedeemTest, AsFastAsPossibleUntilAllAreRedeemed) {
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    Serve(ArrivalSchedule::Make(std::nullopt, milliseconds(50 * pace)).value());
    const LoadResult result = Run();
    EXPECT_EQ(result.redeemed->tally.redeemed(), result.tally.issued());
    EXPECT_EQ(campaign_.redeemed(), campaign_.issued());
    return result.tally.issued() > 3;
  }));
}

TEST_F(LoadRedeemTest, TheRampAppliesToRedeemingToo) {
  Serve(ArrivalSchedule::Make(1000, milliseconds(200), milliseconds(200)).value());
  const LoadResult result = Run();
  EXPECT_EQ(result.redeemed->tally.redeemed(), 100U);
  // At 1,000 a second from the start, the last one would be due at 99 ms.
  EXPECT_GE(result.redeemed->elapsed, milliseconds(198));
}

TEST_F(LoadRedeemTest, ConnectionsOfARampRedeemOneAfterTheOther) {
  constexpr milliseconds kAnswer{20};
  constexpr milliseconds kSecondBegins{200};
  Serve(ArrivalSchedule::Make(std::nullopt, 3 * kSecondBegins, 3 * kSecondBegins).value(),
        DelayFirst(60, kAnswer));
  nanoseconds issuing(0);
  on_progress_ = [&](const LoadProgress& progress) {
    if (progress.redeeming == nullptr) issuing = progress.elapsed;
    const nanoseconds redeeming_at_most = progress.elapsed - issuing;
    if (progress.redeeming == nullptr || redeeming_at_most >= kSecondBegins) return;
    EXPECT_LE(progress.redeeming->redeemed(),
              static_cast<std::uint64_t>(redeeming_at_most / kAnswer + 1));
  };
  const LoadResult result = Run();
  EXPECT_GT(result.tally.issued(), 60U);
  EXPECT_EQ(result.redeemed->tally.redeemed(), result.tally.issued());
}

TEST_F(LoadRedeemTest, ABusyConnectionOfARampSendsNothingTwice) {
  // Whoever has lost the connection goes on as soon as there is another.
  keep_alive_ = false;
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    const milliseconds time(150 * pace);
    Serve(ArrivalSchedule::Make(std::nullopt, time, time).value(),
          DelayFirst(60, milliseconds(20)));
    const std::size_t before = campaign_.redemptions().size();
    const LoadResult result = Run();
    EXPECT_EQ(result.redeemed->tally.attempts(), result.tally.issued());
    EXPECT_EQ(campaign_.redemptions().size() - before, result.tally.issued());
    return result.tally.issued() > 60;
  }));
}

TEST_F(LoadRedeemTest, ADroppedAnswerIsSettledWithItsRequestId) {
  Serve(100, DropEveryFifth());
  const LoadResult result = Run();
  const RedeemTally& tally = result.redeemed->tally;
  EXPECT_EQ(tally.sent(), 100U);
  EXPECT_EQ(tally.open(), 0U);
  EXPECT_EQ(tally.settled(), 20U);
  EXPECT_EQ(tally.redeemed(), 100U);
  EXPECT_EQ(tally.already_redeemed(), 20U);
  EXPECT_EQ(tally.latency().count(), 100U);
  EXPECT_EQ(tally.errors().at("connection closed"), tally.attempts() - 100);
  EXPECT_EQ(campaign_.redeemed(), 100);
  EXPECT_EQ(TimesOfRequests().size(), 100U);
  for (const HeldCoupon& coupon : result.tally.held()) {
    EXPECT_EQ(coupon.redemption, RedeemOutcome::kRedeemed);
  }
}

TEST_F(LoadRedeemTest, WithRetryADroppedAnswerIsRepeatedAtOnce) {
  Serve(100, DropEveryFifth());
  plan_.retry_for = seconds(60);
  const LoadResult result = Run();
  const RedeemTally& tally = result.redeemed->tally;
  EXPECT_EQ(tally.redeemed(), 100U);
  EXPECT_EQ(tally.settled(), 0U);
  EXPECT_GT(tally.attempts(), tally.sent());
  EXPECT_EQ(campaign_.redeemed(), 100);
  EXPECT_EQ(TimesOfRequests().size(), 100U);
}

TEST_F(LoadRedeemTest, WhatNobodyAnswersStaysUnknown) {
  Serve(10, [](int, FakeAnswer answer) {
    answer.drop = true;
    return answer;
  });
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    plan_.request_timeout = milliseconds(100 * pace);
    plan_.drain_for = milliseconds(50 * pace);
    const int before = campaign_.redeemed();
    const LoadResult result = Run();
    const RedeemTally& tally = result.redeemed->tally;
    EXPECT_EQ(tally.open(), tally.sent());
    EXPECT_EQ(tally.answered(), 0U);
    EXPECT_EQ(tally.settled(), 0U);
    // On a slow machine some time out before the server looks at them.
    return tally.open() == 10 && campaign_.redeemed() - before == 10 && tally.attempts() > 10;
  })) << "not all were sent, redeemed and asked for again";
}

TEST_F(LoadRedeemTest, WhatCannotBeSentInTimeIsNotRedeemed) {
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    Serve(100, DelayFirst(1000, milliseconds(40 * pace)));
    plan_.drain_for = milliseconds(100 * pace);
    const LoadResult result = Run();
    const RedeemTally& tally = result.redeemed->tally;
    const std::uint64_t coupons = result.tally.issued();
    EXPECT_EQ(tally.redeemed(), tally.sent());
    EXPECT_EQ(tally.not_sent(), coupons - tally.sent());
    EXPECT_EQ(tally.latency().count(), coupons) << "waiting in vain counts as latency";
    return coupons == 100 && tally.sent() < coupons;
  })) << "not all were issued in time";
}

TEST_F(LoadRedeemTest, WithoutARateItEndsWhenTheServerIsGone) {
  Serve(ArrivalSchedule::Make(std::nullopt, milliseconds(100)).value(),
        DelayFirst(1000, milliseconds(40)));
  plan_.connections = 1;
  plan_.request_timeout = milliseconds(1'500);
  plan_.drain_for = milliseconds(500);
  on_progress_ = [this](const LoadProgress& progress) {
    if (progress.redeeming != nullptr && progress.redeeming->redeemed() > 0) server_.reset();
  };
  const LoadResult result = Run();
  const RedeemTally& tally = result.redeemed->tally;
  EXPECT_GT(tally.redeemed(), 0U);
  EXPECT_EQ(tally.open(), 1U) << "the one that was in flight";
  EXPECT_EQ(tally.sent(), tally.redeemed() + 1);
  EXPECT_LT(tally.sent(), result.tally.issued());
  EXPECT_EQ(result.tally.held().back().redemption, RedeemOutcome::kNotTried);
}

TEST_F(LoadRedeemTest, AnErrorIsFailedAndNotRepeated) {
  Serve(10, [](int, FakeAnswer) -> FakeAnswer {
    return {.status = 404, .content_type = "application/json", .body = R"({"code":"not_found"})"};
  });
  plan_.retry_for = seconds(60);
  const LoadResult result = Run();
  EXPECT_EQ(result.redeemed->tally.failed(), 10U);
  EXPECT_EQ(result.redeemed->tally.attempts(), 10U);
  EXPECT_EQ(result.redeemed->tally.errors().at("not_found"), 10U);
}

TEST_F(LoadRedeemTest, RefusalsAreCountedByReason) {
  campaign_.terms.set_redeeming_paused(true);
  Serve(10);
  const LoadResult result = Run();
  EXPECT_EQ(result.redeemed->tally.count(RedeemOutcome::kPaused), 10U);
  EXPECT_EQ(result.redeemed->tally.redeemed(), 0U);
  EXPECT_EQ(result.tally.held().front().redemption, RedeemOutcome::kPaused);
}

TEST_F(LoadRedeemTest, AnAnswerAboutAnotherCouponIsAnOpenOutcome) {
  Serve(10, [](int number, FakeAnswer answer) {
    coupon::v1::RedeemCouponResponse response;
    if (number == 0 && response.ParseFromString(answer.body)) {
      response.mutable_coupon()->set_code("가1");
      answer.body = response.SerializeAsString();
    }
    return answer;
  });
  const LoadResult result = Run();
  EXPECT_EQ(result.redeemed->tally.errors().at("answer about another coupon"), 1U);
  EXPECT_EQ(result.redeemed->tally.settled(), 1U);
}

TEST_F(LoadRedeemTest, WithoutCouponsThereIsNothingToRedeem) {
  server_ = std::make_unique<FakeServer>([](auto, auto) -> FakeAnswer {
    return {.status = 404, .content_type = "application/json", .body = R"({"code":"not_found"})"};
  });
  plan_.server = server_->address();
  plan_.schedule = ArrivalSchedule::Make(1000, milliseconds(10)).value();
  const LoadResult result = Run();
  EXPECT_EQ(result.tally.issued(), 0U);
  EXPECT_EQ(result.redeemed->tally.sent(), 0U);
}

TEST_F(LoadRedeemTest, TheCourseShowsRedeemingAfterIssuing) {
  Serve(100);
  plan_.with_course = true;
  const LoadResult result = Run();
  nanoseconds end(0);
  std::uint64_t issued = 0;
  std::uint64_t redeemed = 0;
  for (const LoadInterval& interval : result.course) {
    EXPECT_GE(interval.begin, end);
    EXPECT_GT(interval.end, interval.begin);
    end = interval.end;
    const bool is_redeeming = interval.begin >= result.redeemed->begin;
    EXPECT_EQ(is_redeeming ? interval.issued : interval.redeemed, 0U) << "not mixed";
    issued += interval.issued;
    redeemed += interval.redeemed;
  }
  EXPECT_EQ(issued, 100U);
  EXPECT_EQ(redeemed, 100U);
}

TEST_F(LoadRedeemTest, ProgressShowsRedeeming) {
  Serve(200);
  std::uint64_t redeemed = 0;
  bool before = false;
  on_progress_ = [&](const LoadProgress& progress) {
    before = before || progress.redeeming == nullptr;
    if (progress.redeeming != nullptr) redeemed = progress.redeeming->redeemed();
  };
  (void)Run();
  EXPECT_TRUE(before);
  EXPECT_GT(redeemed, 0U);
}

}  // namespace
}  // namespace coupond::ctl

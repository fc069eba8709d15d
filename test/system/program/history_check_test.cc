#include "system/program/history_check.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "system/program/fabricated_history.h"

// The judge is judged: a history that is sound, and then one fault in it.
namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;

TEST_F(HistoryCheckTest, ASoundHistoryHasNoFault) { ExpectSound(); }

TEST_F(HistoryCheckTest, ConcurrentRequestsMayBeAnsweredInAnyOrder) {
  MakeConcurrent();
  std::swap(history_[kIssueA], history_[kCreateSummer]);
  std::swap(history_[kHeldAgain], history_[kNotStarted]);
  ExpectSound();
}

TEST_F(HistoryCheckTest, AReplyWithoutASequenceIsFound) {
  Issued(kSoldOut).clear_sequence();
  ExpectFault(Kind::kNoSequence, "REFUSAL_SOLD_OUT");
}

TEST_F(HistoryCheckTest, TwoEventsWithOneSequenceAreFound) {
  Issued(kIssueB).set_sequence(4);
  ExpectFault(Kind::kSequenceTwice, "code A");
}

TEST_F(HistoryCheckTest, AnEventInPlaceOfStoreCreatedIsFound) {
  Remove(0);
  history_.erase(history_.begin(), history_.begin() + 3);
  Created(0).set_sequence(1);
  ExpectFault(Kind::kSequenceTwice, "StoreCreated");
}

TEST_F(HistoryCheckTest, AnUnreportedEventIsFound) {
  Remove(kIssueB);
  ExpectFault(Kind::kSequenceGap, "event 5");
}

TEST_F(HistoryCheckTest, AReplyFromTheFutureIsFound) {
  Refused(kNotFound).set_sequence(8);
  ExpectFault(Kind::kSequenceGap, "event 8");
}

TEST_F(HistoryCheckTest, ARefusalOlderThanAnEarlierAnswerIsFound) {
  // True before the campaign was created, but its creation had already been answered.
  IssueNotFound(kSummer, "", 2);
  ExpectFault(Kind::kStale, "code C");
}

TEST_F(HistoryCheckTest, ARefusalMayBeAsOldAsItsRequest) {
  IssueNotFound(kSummer, "", 2);
  history_.back().start = {};
  ExpectSound();
}

TEST_F(HistoryCheckTest, AnEventBeforeAnEarlierAnswerIsFound) {
  Issued(kIssueB).set_sequence(4);
  Issued(kIssueA).set_sequence(5);
  Issued(kHeldA).set_sequence(5);
  ExpectFault(Kind::kStale, "code B");
}

TEST_F(HistoryCheckTest, SwappedSequencesAreFound) {
  MakeConcurrent();
  Issued(kIssueB).set_sequence(4);
  Issued(kIssueA).set_sequence(5);
  Issued(kHeldA).set_sequence(5);
  ExpectFault(Kind::kTimeWentBack, "code A");
}

TEST_F(HistoryCheckTest, TimeThatGoesBackIsFound) {
  Issued(kIssueB).mutable_coupon()->mutable_issued_at()->set_seconds(1'009);
  ExpectFault(Kind::kTimeWentBack, "code B");
}

TEST_F(HistoryCheckTest, AWaitThatContradictsItsNeighboursIsFound) {
  Issued(kNotStarted).set_wait_ms(10'001);  // from second 999.999; the previous event is at 1,000
  ExpectFault(Kind::kTimeWentBack, "before it");
  Issued(kNotStarted).set_wait_ms(10'000);
  ExpectSound();
  Issued(kNotStarted).set_wait_ms(8'000);
  ExpectSound();
  Issued(kNotStarted).set_wait_ms(7'999);  // the next event is at second 1,002
  ExpectFault(Kind::kTimeWentBack, "after it");
}

TEST_F(HistoryCheckTest, ARefusalBeforeItsTimeIsFound) {
  std::get<api::CreateCampaignRequest>(history_[kInPast].request)
      .mutable_start_time()
      ->set_seconds(1'014);
  ExpectFault(Kind::kTimeWentBack, "event 7 after it");
}

TEST_F(HistoryCheckTest, ARefusalWhileCouponsWereLeftIsFound) {
  Issued(kSoldOut).set_sequence(4);
  MakeConcurrent();
  ExpectFault(Kind::kWrongReply, "expected issued");
}

TEST_F(HistoryCheckTest, OneCouponTooManyIsFound) {
  Issue(kSpring, "jihun", "code D", 1'013, 6);
  for (const std::size_t place : {kDelete, kDeleteNothing}) {
    Deleted(place).set_sequence(Deleted(place).sequence() + 1);
  }
  for (const std::size_t place : {kNotFound, kInPast}) Refused(place).set_sequence(7);
  Issued(kIssueC).set_sequence(8);
  Refused(kIssueC + 1).set_sequence(8);
  MakeConcurrent();
  ExpectFault(Kind::kWrongReply, "expected refused: sold_out");
}

TEST_F(HistoryCheckTest, ACouponBeforeTheStartIsFound) {
  Issued(kIssueA).mutable_coupon()->mutable_issued_at()->set_seconds(kStart - 1);
  ExpectFault(Kind::kWrongReply, "expected refused: not_started");
}

TEST_F(HistoryCheckTest, NotStartedAtTheStartIsFound) {
  RefuseIssue(kSummer, "", api::REFUSAL_NOT_STARTED, 7, 0);
  MakeConcurrent();
  ExpectFault(Kind::kTimeWentBack, "before it");
  Issued(kIssueC + 2).set_sequence(3);
  ExpectFault(Kind::kWrongReply, "expected issued");
}

TEST_F(HistoryCheckTest, ASecondCouponForOneClaimIsFound) {
  Issued(kIssueB).mutable_coupon()->set_user_id("minji");
  std::get<api::IssueCouponRequest>(history_[kIssueB].request).set_user_id("minji");
  ExpectFault(Kind::kWrongReply, "expected already issued");
}

TEST_F(HistoryCheckTest, ACouponBeforeItsIssueIsFound) {
  Issued(kHeldA).set_sequence(3);
  MakeConcurrent();
  ExpectFault(Kind::kWrongReply, "already_issued: true");
}

TEST_F(HistoryCheckTest, ACouponOfADeletedCampaignIsFound) {
  Issue(kSpring, "minji", "code A", 1'010, 7, /*already_issued=*/true);
  ExpectFault(Kind::kWrongReply, "expected refused: no_such_campaign");
}

TEST_F(HistoryCheckTest, ANameTakenTwiceIsFound) {
  Create("33333333-3333-4333-8333-333333333333", "summer", 1, 1'014, 8);
  std::get<api::CreateCampaignRequest>(history_.back().request)
      .mutable_start_time()
      ->set_seconds(2'000);
  ExpectFault(Kind::kWrongReply, "expected refused: name_taken");
}

TEST_F(HistoryCheckTest, ADeletionOfNothingIsFound) {
  Deleted(kDelete).set_success(false);
  Deleted(kDelete).set_refusal(api::REFUSAL_NO_SUCH_CAMPAIGN);
  Deleted(kDelete).set_sequence(5);
  Deleted(kDeleteNothing).set_success(true);
  ExpectFault(Kind::kWrongReply, "expected done");
}

TEST_F(HistoryCheckTest, OneCodeForTwoCouponsIsFound) {
  Issued(kIssueC).mutable_coupon()->set_code("code A");
  ExpectFault(Kind::kCodeTwice, "code A");
}

TEST_F(HistoryCheckTest, AnotherCodeForTheSameClaimIsFound) {
  Issued(kHeldAgain).mutable_coupon()->set_code("code B");
  ExpectFault(Kind::kCodeChanged, "it was issued as code A");
}

TEST_F(HistoryCheckTest, WrongDetailsAreFound) {
  const History sound = history_;
  const auto expect_after = [&](const auto& change, const std::string& text) {
    history_ = sound;
    change();
    ExpectFault(Kind::kWrongDetail, text);
  };
  expect_after([&] { Issued(kHeldA).mutable_coupon()->mutable_issued_at()->set_seconds(1'012); },
               "issued at another time");
  expect_after([&] { Issued(kIssueA).mutable_coupon()->set_user_id("jihun"); }, "user");
  expect_after([&] { Issued(kIssueA).mutable_coupon()->set_campaign_id(kSummer); }, "campaign");
  expect_after([&] { Issued(kSoldOut).mutable_coupon()->set_code("code D"); }, "refusal");
  expect_after([&] { Issued(kNotStarted).mutable_start_time()->set_nanos(1); }, "another time");
  expect_after([&] { Issued(kSoldOut).mutable_sold_out_at()->set_nanos(1); }, "another time");
  expect_after([&] { Created(kCreateSummer).mutable_campaign()->set_id(kSpring); }, "not new");
  expect_after([&] { Created(kCreateSummer).mutable_campaign()->set_total_coupons(6); }, "asked");
  expect_after([&] { Created(kCreateSummer).mutable_campaign()->set_issued_coupons(1); }, "asked");
}

}  // namespace
}  // namespace coupond::test

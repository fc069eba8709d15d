#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "system/program/history_changes_fixture.h"
#include "system/program/history_check.h"

// The judge is judged: erasures of users. Each test goes on where the fabricated history ends:
// minji has code A of spring, which was deleted, and code C of summer.
namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;

class HistoryErasuresTest : public HistoryChangesTest {
 protected:
  using Codes = std::initializer_list<const char*>;

  /// Adds an erasure to what the log says.
  api::Event& Log(std::uint64_t sequence, const char* campaign, Codes codes, bool freed = false) {
    api::Event& event = log_.erased.emplace_back();
    event.set_sequence(sequence);
    event.set_campaign_id(campaign);
    event.mutable_time()->set_seconds(1'015);
    for (const char* code : codes) event.mutable_erased_coupons()->add_codes(code);
    event.set_claim_freed(freed);
    return event;
  }
  /// Adds the note that what was erased is in no file any more.
  void LogEnd(std::uint64_t sequence) { log_.untold.insert(sequence); }
  api::EraseUserResponse& Erase(const char* user, int coupons, std::uint64_t sequence,
                                const std::string& id = {}, bool forget = false) {
    api::EraseUserRequest request;
    request.set_user_id(user);
    request.set_request_id(id);
    request.set_forget_claims(forget);
    api::EraseUserResponse response;
    response.set_erased_coupons(coupons);
    response.set_sequence(sequence);
    return std::get<api::EraseUserResponse>(Add(request, response).reply);
  }
  /// Erases both of minji's coupons by events 8 and 9, which event 10 ends.
  api::EraseUserResponse& EraseMinji(const std::string& id = {}, bool forget = false) {
    Log(8, kSpring, {"code A"}, forget);
    Log(9, kSummer, {kCode}, forget);
    LogEnd(10);
    return Erase("minji", 2, 9, id, forget);
  }
  /// Redeems code C, with an answer that shows it with its user.
  api::Coupon& RedeemShown(std::uint64_t sequence) {
    api::RedeemCouponResponse& response = Redeem(sequence);
    Show(response);
    return *response.mutable_coupon();
  }
  /// Gives coupons of summer to users with one request, and returns the answer.
  api::BatchIssueCouponsResponse& IssueBatch(
      std::uint64_t sequence, int issued,
      std::initializer_list<std::pair<const char*, const char*>> codes_of_users) {
    api::BatchIssueCouponsRequest request;
    request.set_campaign_id(kSummer);
    request.set_request_id("batch 1");
    api::BatchIssueCouponsResponse response;
    response.set_issued_coupons(issued);
    response.set_sequence(sequence);
    for (const auto& [user, code] : codes_of_users) {
      request.add_user_ids(user);
      api::BatchIssueResult& result = *response.add_results();
      result.set_success(true);
      result.set_already_issued(code == std::string(kCode));
      result.mutable_coupon()->set_code(code);
      result.mutable_coupon()->set_campaign_id(kSummer);
      result.mutable_coupon()->set_user_id(user);
      result.mutable_coupon()->mutable_issued_at()->set_seconds(result.already_issued() ? 1'014
                                                                                        : 1'015);
    }
    return std::get<api::BatchIssueCouponsResponse>(Add(request, response).reply);
  }
};

TEST_F(HistoryErasuresTest, AnErasureHasNoFault) {
  EraseMinji();
  Erase("minji", 0, 10);
  Erase("jihun", 0, 10);
  Issue(kSummer, "minji", kCode, 1'014, 10, /*already_issued=*/true);  // who asks is told
  RedeemShown(11).clear_user_id();
  ExpectSound();
}

TEST_F(HistoryErasuresTest, AUserWhoIsShownAfterwardsIsFound) {
  EraseMinji();
  RedeemShown(11);
  ExpectFault(Kind::kNotErased, "shows was erased by event 9");
}

TEST_F(HistoryErasuresTest, AUserWhoIsNotShownBeforeIsFound) {
  RedeemShown(8).clear_user_id();
  Log(9, kSpring, {"code A"});
  Log(10, kSummer, {kCode});
  LogEnd(11);
  Erase("minji", 2, 10);
  ExpectFault(Kind::kWrongDetail, "missing, but was not erased");
  // It may have been read when the erasure had begun.
  history_[history_.size() - 2].end = history_.back().end;
  ExpectSound();
}

TEST_F(HistoryErasuresTest, ACouponThatIsLeftOutIsFound) {
  Erase("minji", 0, 7);
  ExpectFault(Kind::kNotErased, "left out the coupon of event 4");
  Remove(history_.size() - 1);
  Log(8, kSpring, {"code A"});
  LogEnd(9);
  Erase("minji", 1, 8);
  ExpectFault(Kind::kNotErased, "left out the coupon of event 7");
}

TEST_F(HistoryErasuresTest, ACouponOfTheSameMomentMayBeLeftOut) {
  Issue(kSummer, "jihun", "code D", 1'015, 8);
  Erase("jihun", 0, 8);
  ExpectFault(Kind::kNotErased, "left out the coupon of event 8");
  history_.back().start = history_[history_.size() - 2].start;
  ExpectSound();
}

TEST_F(HistoryErasuresTest, ACouponOfAnotherUserIsFound) {
  Issue(kSummer, "jihun", "code D", 1'015, 8);
  Log(9, kSpring, {"code A"});
  Log(10, kSummer, {kCode, "code D"});
  LogEnd(11);
  Erase("minji", 3, 10);
  ExpectFault(Kind::kWrongDetail, "it erased another user");
}

TEST_F(HistoryErasuresTest, ACouponOfNobodyIsFound) {
  Log(8, kSummer, {"code D"});
  Erase("minji", 1, 8);
  ExpectFault(Kind::kWrongDetail, "nobody was given a coupon");
}

TEST_F(HistoryErasuresTest, ACouponOfAnotherCampaignIsFound) {
  EraseMinji();
  log_.erased.front().set_campaign_id(kSummer);
  ExpectFault(Kind::kWrongDetail, "another campaign's id");
}

TEST_F(HistoryErasuresTest, ACouponThatIsErasedTwiceIsFound) {
  EraseMinji();
  Log(11, kSummer, {kCode});
  LogEnd(12);
  Erase("minji", 1, 11);
  ExpectFault(Kind::kWrongDetail, "a coupon was erased twice");
}

TEST_F(HistoryErasuresTest, AnotherNumberThanTheLogsIsFound) {
  api::EraseUserResponse& answer = EraseMinji();
  answer.set_erased_coupons(3);
  ExpectFault(Kind::kWrongDetail, "the log erases 2 coupons");
  answer.set_erased_coupons(1);
  ExpectFault(Kind::kSequenceGap, "event 8");
}

TEST_F(HistoryErasuresTest, AnErasureThatNobodyAskedForIsFound) {
  EraseMinji();
  Remove(history_.size() - 1);
  RedeemShown(11);
  ExpectFault(Kind::kSequenceGap, "event 8");
}

TEST_F(HistoryErasuresTest, AnEndWithoutAnErasureIsFound) {
  LogEnd(8);
  RedeemShown(9);
  ExpectFault(Kind::kSequenceGap, "event 8");
  Remove(history_.size() - 1);
  log_.untold.clear();
  EraseMinji();
  LogEnd(11);
  RedeemShown(12).clear_user_id();
  ExpectFault(Kind::kSequenceGap, "event 11");
}

TEST_F(HistoryErasuresTest, AnAnswerBeforeTheEndIsPending) {
  api::EraseUserResponse& answer = EraseMinji();
  log_.untold.clear();
  ExpectFault(Kind::kNotErased, "not pending");
  answer.set_pending(true);
  ExpectSound();
}

TEST_F(HistoryErasuresTest, AnEndAfterTheAnswerIsFound) {
  EraseMinji();
  log_.untold = {11};
  RedeemShown(10).clear_user_id();
  ExpectFault(Kind::kNotErased, "not pending");
  history_.back().start = history_[history_.size() - 2].start;
  ExpectSound();
}

TEST_F(HistoryErasuresTest, AnEndMayBeTheLastEvent) {
  EraseMinji();
  ExpectSound();
}

TEST_F(HistoryErasuresTest, OneEndMayBeThatOfSeveralErasures) {
  Issue(kSummer, "jihun", "code D", 1'015, 8);
  Log(9, kSpring, {"code A"});
  Log(10, kSummer, {kCode});
  Erase("minji", 2, 10);
  Log(11, kSummer, {"code D"});
  LogEnd(12);
  Erase("jihun", 1, 11);
  RedeemShown(13).clear_user_id();
  // The first answer came before the second erasure was asked for, and so before the end.
  ExpectFault(Kind::kNotErased, "not pending");
  Operation& second = history_[history_.size() - 2];
  second.start = history_[history_.size() - 3].start;
  ExpectSound();
}

TEST_F(HistoryErasuresTest, AnEndMayComeLongAfterAPendingAnswer) {
  Log(8, kSpring, {"code A"});
  Log(9, kSummer, {kCode});
  Erase("minji", 2, 9).set_pending(true);
  RedeemShown(10).clear_user_id();
  LogEnd(11);
  Issue(kSummer, "jihun", "code D", 1'015, 12);
  ExpectSound();
}

TEST_F(HistoryErasuresTest, AnErasureOfNothingWaitsForTheOneBefore) {
  Log(8, kSpring, {"code A"});
  Log(9, kSummer, {kCode});
  Erase("minji", 2, 9).set_pending(true);
  Erase("jihun", 0, 9);  // of whom nothing was to be erased
  ExpectSound();
  Erase("minji", 0, 9);
  ExpectFault(Kind::kNotErased, "not pending");
  LogEnd(10);
  ExpectSound();
}

TEST_F(HistoryErasuresTest, AnErasureOfNothingMayBePending) {
  Log(8, kSpring, {"code A"});
  Log(9, kSummer, {kCode});
  Erase("minji", 2, 9).set_pending(true);
  Erase("minji", 0, 9).set_pending(true);
  RedeemShown(10).clear_user_id();
  LogEnd(11);
  ExpectSound();
  // The end came after what was asked for after the answer.
  std::get<api::EraseUserResponse>(history_[history_.size() - 2].reply).set_pending(false);
  ExpectFault(Kind::kNotErased, "not pending");
}

TEST_F(HistoryErasuresTest, ALogThatStillShowsTheUserIsFound) {
  log_.users = {{"code A", "minji"}, {"code B", ""}, {kCode, "minji"}};
  ExpectSound();
  EraseMinji();
  ExpectFault(Kind::kNotErased, "shows the user_id 'minji' of the coupon code A");
  log_.users["code A"].clear();
  ExpectFault(Kind::kNotErased, "shows the user_id 'minji' of the coupon code C");
  log_.users[kCode].clear();
  ExpectSound();
}

TEST_F(HistoryErasuresTest, ALogThatShowsAnotherUserIsFound) {
  log_.users[kCode] = "";
  ExpectFault(Kind::kWrongDetail, "whose user is 'minji'");
  log_.users = {{"code B", "jihun"}};
  ExpectFault(Kind::kWrongDetail, "whose user is ''");
  log_.users = {{"code D", ""}};
  ExpectFault(Kind::kWrongDetail, "the coupon code D of nobody");
}

TEST_F(HistoryErasuresTest, AnErasureAtAnEarlierTimeIsFound) {
  EraseMinji();
  log_.erased.front().mutable_time()->set_seconds(1'013);
  ExpectFault(Kind::kTimeWentBack, "EraseUserResponse");
}

TEST_F(HistoryErasuresTest, ARepeatedRequestErasesNothing) {
  EraseMinji("e1", /*forget=*/true);
  Issue(kSummer, "minji", "code D", 1'015, 11);
  Erase("minji", 0, 8, "e1", /*forget=*/true).set_already_erased(true);
  ExpectSound();
  std::get<api::EraseUserResponse>(history_.back().reply).set_sequence(9);
  ExpectFault(Kind::kWrongDetail, "another sequence");
  Remove(history_.size() - 1);
  Log(12, kSummer, {"code D"}, /*freed=*/true);
  LogEnd(13);
  Erase("minji", 1, 12, "e1", /*forget=*/true);
  ExpectFault(Kind::kWrongReply, "expected done before");
}

TEST_F(HistoryErasuresTest, OnlyAForgottenClaimIsOpenAgain) {
  EraseMinji();
  Issue(kSummer, "minji", "code D", 1'015, 11);
  ExpectFault(Kind::kWrongReply, "expected already issued");
  for (api::Event& event : log_.erased) event.set_claim_freed(true);
  ExpectFault(Kind::kWrongDetail, "something else of the claims");
  std::get<api::EraseUserRequest>(history_[history_.size() - 2].request).set_forget_claims(true);
  ExpectSound();
}

TEST_F(HistoryErasuresTest, ARepeatedBatchDoesNotShowTheUser) {
  IssueBatch(8, 1, {{"jihun", "code D"}});
  log_.untold.insert(8);
  Log(10, kSummer, {"code D"});
  LogEnd(11);
  Erase("jihun", 1, 10);
  api::BatchIssueCouponsResponse& again = IssueBatch(8, 1, {{"jihun", "code D"}});
  again.set_already_issued(true);
  ExpectFault(Kind::kNotErased, "was erased by event 10");
  again.mutable_results(0)->mutable_coupon()->clear_user_id();
  ExpectSound();
}

TEST_F(HistoryErasuresTest, ARepeatedBatchMayShowALaterCoupon) {
  IssueBatch(8, 1, {{"jihun", "code D"}, {"minji", kCode}});
  log_.untold.insert(8);
  Log(10, kSpring, {"code A"}, /*freed=*/true);
  Log(11, kSummer, {kCode}, /*freed=*/true);
  LogEnd(12);
  Erase("minji", 2, 11, {}, /*forget=*/true);
  Issue(kSummer, "minji", "code E", 1'015, 13);
  api::BatchIssueCouponsResponse& again =
      IssueBatch(8, 1, {{"jihun", "code D"}, {"minji", "code E"}});
  again.set_already_issued(true);
  again.mutable_results(1)->set_already_issued(true);
  ExpectSound();
}

TEST_F(HistoryErasuresTest, ARepeatedBatchMayShowARefusedUser) {
  auto& creation = std::get<api::CreateCampaignRequest>(history_[kCreateSummer].request);
  creation.set_coupons_per_user(2);
  Created(kCreateSummer).mutable_campaign()->set_coupons_per_user(2);
  std::get<api::IssueCouponRequest>(history_[kIssueC].request).set_request_id("i1");
  const auto issue = [this]() -> api::BatchIssueCouponsResponse& {
    api::BatchIssueCouponsResponse& answer =
        IssueBatch(8, 2, {{"jihun", "code D"}, {"jihun", "code E"}, {"jihun", "code E"}});
    std::get<api::BatchIssueCouponsRequest>(history_.back().request).set_allow_partial(true);
    answer.mutable_results(2)->set_success(false);
    answer.mutable_results(2)->set_refusal(api::REFUSAL_USER_LIMIT_REACHED);
    return answer;
  };
  issue();
  log_.untold.insert(8);
  Log(11, kSummer, {"code D", "code E"});
  LogEnd(12);
  Erase("jihun", 2, 11);
  api::BatchIssueCouponsResponse& again = issue();
  again.set_already_issued(true);
  again.mutable_results(0)->mutable_coupon()->clear_user_id();
  ExpectFault(Kind::kNotErased, "was erased by event 11");
  again.mutable_results(1)->mutable_coupon()->clear_user_id();
  ExpectSound();
}

}  // namespace
}  // namespace coupond::test

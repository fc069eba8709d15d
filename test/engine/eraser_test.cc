#include "engine/eraser.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/eraser_fixture.h"

namespace coupond {
namespace {

using test::At;
using test::CouponsOf;
using test::Create;
using test::Issue;
using test::IssueTo;
using test::RequestOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

UserErased Erased(std::uint64_t campaign, std::initializer_list<std::uint64_t> serials,
                  std::optional<RequestKey> request = {}, bool claims_freed = false) {
  return {.campaign = CampaignNumber(campaign),
          .serials = CouponsOf(campaign, serials).serials,
          .claims_freed = claims_freed,
          .request = request};
}

class EraserTest : public EraserFixture {
 protected:
  /// Campaigns 1 and 2 with ten coupons each, created by the groups 1 and 2.
  void SetUp() override {
    Start();
    Do(Create(1, "one", 10, At(0)));
    Do(Create(2, "two", 10, At(0)));
  }
};

TEST_F(EraserTest, AUserWithoutCouponsIsNoEvent) {
  Do(IssueTo(1, 7, "lee"));
  const ErasureReport report = Erase("kim", RequestOf(1));
  EXPECT_EQ(report.coupons, 0U);
  EXPECT_EQ(report.sequence, Sequence(3));
  EXPECT_FALSE(report.repeated);
  EXPECT_FALSE(report.pending);
  EXPECT_EQ(log_.Tip().group, GroupNumber(3));
  EXPECT_THAT(texts_->purges(), IsEmpty());
  EXPECT_EQ(engine_->eraser().progress().requests, 0U);
  EXPECT_EQ(Readable("lee"), 1);
}

TEST_F(EraserTest, AnErasureHasTheKeyOfItsRequestAndItsEndHasNone) {
  Do(IssueTo(1, 7, "kim"));
  Erase(ErasureRequest{.user_ids = {"kim"}, .key = KeyId(5)});
  RunAll();
  const std::vector<CommitGroup> groups = log_.Groups();
  ASSERT_THAT(groups, SizeIs(5));
  EXPECT_THAT(groups[3].keys, ElementsAre(KeyId(5)));
  EXPECT_TRUE(std::holds_alternative<ErasureFinished>(groups[4].events.front()));
  EXPECT_THAT(groups[4].keys, IsEmpty());
}

TEST_F(EraserTest, AllCouponsOfAUserLoseTheirText) {
  Do(IssueTo(2, 7, "kim"));  // serial 11, group 3
  Do(IssueTo(1, 8, "lee"));  // 1
  Do(IssueTo(1, 7, "Kim"));  // 2, as it was sent; group 5
  Do(Issue(1));
  Do(Create(3, "three", 10, At(0)));
  Do(IssueTo(3, 7, "kim"));  // 21, group 8
  Do(test::Delete(3));       // group 9
  clock_.Set(At(60));
  const ErasureReport report =
      Erase(ErasureRequest{.user_ids = {"kim", "Kim"}, .free_claims = true});
  EXPECT_EQ(report.coupons, 3U);
  EXPECT_EQ(report.time, At(60));
  EXPECT_FALSE(report.pending);
  EXPECT_FALSE(report.repeated);
  EXPECT_THAT(Logged<UserErased>(), ElementsAre(Erased(1, {2}, {}, true), Erased(2, {11}, {}, true),
                                                Erased(3, {21}, {}, true)));
  EXPECT_EQ(report.sequence, Sequence(12)) << "that of the last of these events";
  EXPECT_THAT(Logged<ErasureFinished>(), ElementsAre(ErasureFinished{.erasure = Sequence(12)}));
  ASSERT_THAT(texts_->purges(), SizeIs(1));
  EXPECT_THAT(texts_->purges()[0].groups,
              ElementsAre(GroupNumber(3), GroupNumber(5), GroupNumber(8)));
  EXPECT_THAT(texts_->purges()[0].campaigns,
              ElementsAre(CampaignNumber(1), CampaignNumber(2), CampaignNumber(3)));
  EXPECT_EQ(OnDisk("kim") + OnDisk("Kim"), 0);
  EXPECT_EQ(OnDisk("lee"), 1);
  EXPECT_EQ(InViews(1, 0), "lee");
  EXPECT_EQ(InViews(1, 1), "");
  EXPECT_EQ(InViews(2, 0), "");
  EXPECT_THAT(texts_->hidden(), IsEmpty());
  EXPECT_THAT(texts_->forgotten(), ElementsAre(Serial(2), Serial(11), Serial(21)));
  EXPECT_THAT(views_.ListErasures().value(), IsEmpty());
  EXPECT_EQ(unfinished(), 0U);
}

TEST_F(EraserTest, TextsAreHiddenAsSoonAsItIsLogged) {
  Do(IssueTo(1, 7, "kim"));
  const std::uint64_t hidden_count = engine_->eraser().hidden_count();
  const Answer answer = TryErase("kim");
  while (Logged<UserErased>().empty()) ASSERT_TRUE(StepAll());
  EXPECT_EQ(unfinished(), 0U) << "before the eraser has the reply";
  EXPECT_EQ(engine_->eraser().hidden_count(), hidden_count);
  ASSERT_TRUE(engine_->StepEraser());
  EXPECT_EQ(unfinished(), 1U);
  EXPECT_GT(engine_->eraser().hidden_count(), hidden_count);
  EXPECT_THAT(texts_->hidden(), ElementsAre(Serial(1)));
  EXPECT_EQ(Readable("kim"), 0);
  EXPECT_EQ(OnDisk("kim"), 1) << "it is removed later";
  EXPECT_FALSE(*answer);
  EXPECT_EQ(engine_->eraser().progress().requests, 1U);
  RunAll();
  EXPECT_EQ(ReportOf(answer).coupons, 1U);
}

TEST_F(EraserTest, FilesAreRewrittenOnlyWhenTheViewsShowTheErasure) {
  Do(IssueTo(1, 7, "kim"));
  const Answer answer = TryErase("kim");
  while (engine_->StepEraser() || engine_->StepSequencer()) {
  }
  EXPECT_THAT(Logged<UserErased>(), SizeIs(1));
  EXPECT_THAT(texts_->purges(), IsEmpty()) << "the projector has not been stepped";
  EXPECT_FALSE(*answer);
  RunAll();
  EXPECT_FALSE(ReportOf(answer).pending);
  EXPECT_THAT(texts_->purges(), SizeIs(1));
}

TEST_F(EraserTest, RequestsThatWaitAreCarriedOutTogether) {
  Do(IssueTo(1, 7, "kim"));
  Do(IssueTo(1, 8, "lee"));
  Do(IssueTo(2, 8, "lee"));
  const Answer kim = TryErase("kim");
  const Answer park = TryErase("park");
  const Answer lee = TryErase("lee");
  RunAll();
  EXPECT_EQ(ReportOf(kim).coupons, 1U);
  EXPECT_EQ(ReportOf(kim).sequence, Sequence(6));
  EXPECT_EQ(ReportOf(park).coupons, 0U);
  EXPECT_EQ(ReportOf(lee).coupons, 2U);
  EXPECT_EQ(ReportOf(lee).sequence, Sequence(8));
  EXPECT_THAT(texts_->purges(), SizeIs(1));
  EXPECT_THAT(Logged<ErasureFinished>(), ElementsAre(ErasureFinished{.erasure = Sequence(8)}));
}

TEST_F(EraserTest, ARequestTakesPlaceOnce) {
  Do(IssueTo(1, 7, "kim"));
  EXPECT_EQ(Erase("kim", RequestOf(1, 5)).coupons, 1U);
  Do(IssueTo(2, 7, "kim"));
  const ErasureReport repeated = Erase("kim", RequestOf(1, 5));
  EXPECT_TRUE(repeated.repeated);
  EXPECT_EQ(repeated.coupons, 0U);
  EXPECT_EQ(repeated.sequence, Sequence(4)) << "of that time";
  EXPECT_EQ(OnDisk("kim"), 1);
  const Answer reused = TryErase("kim", RequestOf(1, 6));
  RunAll();
  EXPECT_EQ(RefusalOf(reused), RefusalReason::kRequestIdReused);
  EXPECT_EQ(OnDisk("kim"), 1);
  EXPECT_EQ(engine_->eraser().progress().requests, 0U);
  EXPECT_EQ(Erase("kim").coupons, 1U) << "without one it erases what is there";
  EXPECT_EQ(OnDisk("kim"), 0);
}

TEST_F(EraserTest, RequestsForOneUserHaveOutcomesOfTheirOwn) {
  Do(IssueTo(1, 7, "kim"));
  EXPECT_EQ(Erase("kim", RequestOf(1, 5)).coupons, 1U);
  Do(IssueTo(2, 7, "kim"));
  const Answer refused = TryErase("kim", RequestOf(1, 6));
  const Answer repeated =
      TryErase(ErasureRequest{.user_ids = {"KIM", "kim"}, .request = RequestOf(1, 5)});
  const Answer other = TryErase(ErasureRequest{.user_ids = {"KIM", "kim"}});
  RunAll();
  EXPECT_EQ(RefusalOf(refused), RefusalReason::kRequestIdReused);
  EXPECT_TRUE(ReportOf(repeated).repeated);
  EXPECT_EQ(ReportOf(other).coupons, 1U);
  EXPECT_EQ(OnDisk("kim"), 0);
}

TEST_F(EraserTest, AReaderMakesItPendingUntilItFinishes) {
  Do(IssueTo(1, 7, "kim"));
  texts_->AnswerPurge(false);
  texts_->AnswerPurge(false);
  const ErasureReport report = Erase("kim");
  EXPECT_TRUE(report.pending);
  EXPECT_EQ(report.coupons, 1U);
  EXPECT_EQ(unfinished(), 1U);
  EXPECT_EQ(engine_->eraser().progress().requests, 0U);
  EXPECT_EQ(Readable("kim"), 0);
  EXPECT_THAT(Logged<ErasureFinished>(), IsEmpty());
  RunAll();
  EXPECT_EQ(unfinished(), 0U);
  EXPECT_EQ(OnDisk("kim"), 0);
  EXPECT_THAT(texts_->purges(), SizeIs(3));
  EXPECT_EQ(texts_->purges().back().groups, texts_->purges().front().groups);
  EXPECT_THAT(Logged<ErasureFinished>(), SizeIs(1));
}

TEST_F(EraserTest, TheNextRequestMendsAnErrorOfTheFiles) {
  Do(IssueTo(1, 7, "kim"));
  Do(IssueTo(1, 8, "lee"));
  texts_->AnswerPurge(MakeError(ErrorCode::kNoSpace, "the disk is full"));
  EXPECT_TRUE(Erase("kim").pending);
  EXPECT_FALSE(fence_.raised());
  EXPECT_THAT(Logged<ErasureFinished>(), IsEmpty());
  EXPECT_FALSE(Erase("lee").pending);
  EXPECT_EQ(OnDisk("kim") + OnDisk("lee"), 0);
  EXPECT_THAT(Logged<ErasureFinished>(), ElementsAre(ErasureFinished{.erasure = Sequence(6)}));
  EXPECT_EQ(unfinished(), 0U);
}

TEST_F(EraserTest, WhatIsFinishedIsNotRewrittenAgain) {
  Do(IssueTo(1, 7, "kim"));  // group 3
  Do(IssueTo(2, 8, "lee"));  // group 4
  Erase("kim");
  Erase("lee");
  ASSERT_THAT(texts_->purges(), SizeIs(2));
  EXPECT_THAT(texts_->purges()[1].groups, ElementsAre(GroupNumber(4)));
  EXPECT_THAT(texts_->purges()[1].campaigns, ElementsAre(CampaignNumber(2)));
}

TEST_F(EraserTest, ALogThatCannotBeReadFailsTheRequests) {
  Do(IssueTo(1, 7, "kim"));
  log_.FailReadAt(GroupNumber(2), {ErrorCode::kLogDamaged, "unreadable"});
  const Answer one = TryErase("kim");
  const Answer two = TryErase("lee");
  RunAll();
  EXPECT_EQ(ErrorOf(one), "log_damaged");
  EXPECT_EQ(ErrorOf(two), "log_damaged");
  EXPECT_THAT(Logged<UserErased>(), IsEmpty());
  EXPECT_EQ(engine_->eraser().progress().requests, 0U);
}

TEST_F(EraserTest, AFullQueueIsTriedAgain) {
  Start({.queue = 1});
  Do(IssueTo(1, 7, "kim"));
  Submit(Issue(1));
  const Answer answer = TryErase("kim");
  while (engine_->StepEraser()) {
  }
  EXPECT_FALSE(engine_->StepEraser());
  RunAll();
  EXPECT_EQ(ReportOf(answer).coupons, 1U);
  EXPECT_THAT(Logged<UserErased>(), SizeIs(1));
}

TEST_F(EraserTest, AServerThatOnlyReadsErasesNobody) {
  clock_.Set(At(1'000'000));
  Do(IssueTo(1, 7, "kim"));
  clock_.Set(At(0));
  clock_slack_ = std::chrono::seconds(60);
  Start();
  const Answer answer = TryErase("kim");
  RunAll();
  EXPECT_EQ(RefusalOf(answer), RefusalReason::kLogAhead);
  EXPECT_EQ(Readable("kim"), 1);
}

TEST_F(EraserTest, TooManyRequestsAreNotTaken) {
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < Eraser::kRequestsMax; ++i) {
    answers.push_back(TryErase(std::to_string(i)));
    ASSERT_NE(answers.back(), nullptr);
  }
  EXPECT_EQ(TryErase("kim"), nullptr);
  ASSERT_TRUE(engine_->StepEraser());
  EXPECT_EQ(TryErase("kim"), nullptr) << "those that are in progress count, too";
  EXPECT_EQ(engine_->eraser().progress().requests, Eraser::kRequestsMax);
  RunAll();
  for (const Answer& answer : answers) EXPECT_EQ(ReportOf(answer).coupons, 0U);
  EXPECT_NE(TryErase("kim"), nullptr);
}

TEST_F(EraserTest, AStopAnswersAllAndTakesNoMore) {
  Do(IssueTo(1, 7, "kim"));
  const Answer in_progress = TryErase("kim");
  ASSERT_TRUE(engine_->StepEraser());
  const Answer waiting = TryErase("lee");
  engine_->Stop();
  EXPECT_EQ(ErrorOf(in_progress), "unavailable");
  EXPECT_EQ(ErrorOf(waiting), "unavailable");
  EXPECT_EQ(TryErase("park"), nullptr);
}

TEST_F(EraserTest, WithoutAPurgeNobodyIsErased) {
  texts_.reset();
  auto engine = Engine::StartStepped(Ports(), {}, {});
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_FALSE((*engine)->eraser().can_erase());
  EXPECT_EQ((*engine)->eraser().progress().requests, 0U);
}

TEST_F(EraserTest, ErasesOnAThreadOfItsOwn) {
  Do(IssueTo(1, 7, "kim"));
  engine_.reset();
  auto engine = Engine::Start(Ports(), {});
  ASSERT_TRUE(engine) << engine.error().message;
  texts_->AnswerPurge(false);
  for (const bool is_pending : {true, false}) {
    std::promise<ErasureOutcome> answer;
    ASSERT_TRUE((*engine)->eraser().TryErase(
        {.user_ids = {"kim"}},
        [&answer](const ErasureOutcome& outcome) { answer.set_value(outcome); }));
    const ErasureOutcome outcome = answer.get_future().get();
    const auto* const report = std::get_if<ErasureReport>(&outcome);
    ASSERT_NE(report, nullptr);
    EXPECT_EQ(report->pending, is_pending);
    EXPECT_EQ(report->coupons, is_pending ? 1U : 0U);
  }
  EXPECT_EQ(OnDisk("kim"), 0);
  EXPECT_THAT(Logged<ErasureFinished>(), SizeIs(1));
  (*engine)->Stop();
}

/// What rewrites files when something is thrown that nobody expects.
class ThrowingPurge final : public TextPurge {
 public:
  void Hide(std::span<const Serial>) override {}
  void Forget(std::span<const Serial>) override {}
  [[nodiscard]] Result<bool> Purge(const TextPlaces&, const std::atomic<bool>&) override {
    throw std::runtime_error("unexpected");
  }
  [[nodiscard]] std::vector<std::string> FindCopies() const override { return {}; }
};

TEST_F(EraserTest, AnExceptionRaisesTheFenceAnswersAllAndEndsErasing) {
  Do(IssueTo(1, 7, "kim"));
  engine_.reset();
  ThrowingPurge throwing;
  Engine::Ports ports = Ports();
  ports.texts = &throwing;
  auto engine = Engine::Start(ports, {});
  ASSERT_TRUE(engine) << engine.error().message;
  std::promise<ErasureOutcome> answer;
  ASSERT_TRUE((*engine)->eraser().TryErase(
      {.user_ids = {"kim"}},
      [&answer](const ErasureOutcome& outcome) { answer.set_value(outcome); }));
  EXPECT_TRUE(std::holds_alternative<Error>(answer.get_future().get()));
  EXPECT_TRUE(fence_.raised());
  EXPECT_FALSE((*engine)->eraser().TryErase({.user_ids = {"lee"}}, [](const ErasureOutcome&) {}))
      << "nobody would answer";
  (*engine)->Stop();
}

}  // namespace
}  // namespace coupond

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/eraser_fixture.h"
#include "engine/rules/limits.h"

// How the log is searched for the texts of users, and what is found is logged.
namespace coupond {
namespace {

using test::At;
using test::Create;
using test::IssueTo;
using test::RequestOf;
using testing::SizeIs;

class EraserSearchTest : public EraserFixture {
 protected:
  /// Campaigns 1 and 2 with ten coupons each.
  void SetUp() override {
    Start();
    Do(Create(1, "one", 10, At(0)));
    Do(Create(2, "two", 10, At(0)));
  }
};

TEST_F(EraserSearchTest, WhatIsIssuedLaterKeepsItsText) {
  Do(IssueTo(1, 7, "kim"));
  const Answer answer = TryErase("kim");
  ASSERT_TRUE(engine_->StepEraser());  // the search is over what is there now
  Do(IssueTo(2, 7, "kim"));
  RunAll();
  EXPECT_EQ(ReportOf(answer).coupons, 1U);
  EXPECT_EQ(OnDisk("kim"), 1);
}

TEST_F(EraserSearchTest, TheProgressOfASearchIsShown) {
  for (int i = 0; i < 600; ++i) Do(test::Pause(1)), Do(test::Resume(1));
  const std::uint64_t groups = log_.Tip().group.value();
  ASSERT_NE(TryErase("kim"), nullptr);
  EXPECT_EQ(engine_->eraser().progress().groups, 0U);
  std::uint64_t read_before = 0;
  int steps = 0;
  ASSERT_TRUE(engine_->StepEraser());
  for (; engine_->eraser().progress().groups != 0; ++steps) {
    EXPECT_EQ(engine_->eraser().progress().groups, groups);
    EXPECT_GE(engine_->eraser().progress().groups_read, read_before);
    read_before = engine_->eraser().progress().groups_read;
    ASSERT_TRUE(engine_->StepEraser());
  }
  EXPECT_GT(steps, 3);
  EXPECT_GT(read_before, groups / 2);
}

TEST_F(EraserSearchTest, ASearchThatFoundEnoughBeginsAnew) {
  Start({.found_texts = 2});
  for (std::uint8_t i = 1; i <= 7; ++i) Do(IssueTo(1, i, "kim"));
  Do(IssueTo(2, 9, "lee"));
  const Answer lee = TryErase("lee");
  const Answer kim = TryErase("kim", RequestOf(1, 5));
  RunAll();
  EXPECT_EQ(ReportOf(kim).coupons, 7U);
  EXPECT_EQ(ReportOf(kim).sequence.Next(), log_.Tip().sequence) << "only its end follows";
  EXPECT_EQ(ReportOf(lee).coupons, 1U);
  EXPECT_EQ(OnDisk("kim") + OnDisk("lee"), 0);
  std::vector<Serial> erased;
  for (const UserErased& event : Logged<UserErased>()) {
    erased.insert(erased.end(), event.serials.begin(), event.serials.end());
    EXPECT_EQ(event.request.has_value(), event.serials.back() == Serial(7)) << "only the last one";
  }
  EXPECT_THAT(erased, SizeIs(8));
  EXPECT_TRUE(Erase("kim", RequestOf(1, 5)).repeated);
}

TEST_F(EraserSearchTest, ARefusalAfterASearchThatFoundEnoughIsTheEnd) {
  Do(IssueTo(1, 1, "kim"));
  EXPECT_EQ(Erase("kim", RequestOf(1, 5)).coupons, 1U);
  clock_.Set(At(1'000'000));
  for (std::uint8_t i = 1; i <= 5; ++i) Do(IssueTo(2, i, "kim"));
  clock_.Set(At(0));
  clock_slack_ = std::chrono::seconds(60);
  Start({.found_texts = 2});
  const Answer answer = TryErase("kim", RequestOf(1, 6));
  RunAll();
  EXPECT_EQ(RefusalOf(answer), RefusalReason::kLogAhead);
  EXPECT_FALSE(engine_->StepEraser());
}

/// A log with so many coupons of one user, in groups of 3,000.
std::vector<CommitGroup> LongHistoryOf(const std::string& user_id, std::uint64_t coupons) {
  std::vector<CommitGroup> groups;
  groups.push_back({.number = GroupNumber(1),
                    .first_sequence = Sequence(1),
                    .commit_time = At(0),
                    .events = {CampaignCreated{
                        .number = CampaignNumber(1),
                        .id = test::Id(1),
                        .terms = {.name = "one", .total_coupons = 100'000, .start_time = At(0)},
                        .first_serial = Serial(1)}}});
  for (std::uint64_t serial = 1; serial <= coupons; ++serial) {
    if (serial % 3'000 == 1) {
      groups.push_back({.number = groups.back().number.Next(),
                        .first_sequence = groups.back().last_sequence().Next(),
                        .commit_time = At(0),
                        .events = {}});
    }
    Claim holder = test::ClaimOf(1);
    holder.bytes[1] = static_cast<std::uint8_t>(serial);
    holder.bytes[2] = static_cast<std::uint8_t>(serial >> 8);
    groups.back().events.emplace_back(CouponIssued{.campaign = CampaignNumber(1),
                                                   .serial = Serial(serial),
                                                   .holder = holder,
                                                   .user_id = user_id});
  }
  return groups;
}

class LongEraserSearchTest : public EraserFixture {};

TEST_F(LongEraserSearchTest, TooManyCouponsAreSeveralCommands) {
  constexpr std::uint64_t kMany = 2 * limits::kErasedCouponsMax + 7;
  for (const CommitGroup& group : LongHistoryOf("kim", kMany)) ASSERT_TRUE(log_.Append(group));
  Start();
  const ErasureReport report = Erase("kim", RequestOf(1, 5));
  EXPECT_EQ(report.coupons, kMany);
  EXPECT_FALSE(report.pending);
  const std::vector<UserErased> erased = Logged<UserErased>();
  ASSERT_THAT(erased, SizeIs(3));
  EXPECT_THAT(erased[0].serials, SizeIs(limits::kErasedCouponsMax));
  EXPECT_THAT(erased[1].serials, SizeIs(limits::kErasedCouponsMax));
  EXPECT_THAT(erased[2].serials, SizeIs(7));
  EXPECT_EQ(erased[0].request, std::nullopt);
  EXPECT_EQ(erased[1].request, std::nullopt);
  EXPECT_EQ(erased[2].request, RequestOf(1, 5));
  EXPECT_EQ(OnDisk("kim"), 0);
  EXPECT_EQ(unfinished(), 0U);
  EXPECT_TRUE(Erase("kim", RequestOf(1, 5)).repeated);
}

}  // namespace
}  // namespace coupond

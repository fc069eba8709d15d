#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "api/events/event_fixture.h"
#include "api/events/event_readers.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Campaign 1 is created by the event 2, after that of the store.
using EventStreamTest = EventFixture;

TEST_F(EventStreamTest, ShowsWhatHasHappenedAndEnds) {
  const std::string code = Issue(R"(,"userId":"kim")").coupon().code();
  static_cast<void>(Redeem(code));
  Reader reader = OpenFrom(1);
  const auto message = reader.ReadMessage();
  ASSERT_TRUE(message);
  EXPECT_THAT(Outline(*message),
              ElementsAre("2 campaign.created", "3 coupon.issued", "4 coupon.redeemed"));
  EXPECT_EQ(message->events(1).code(), code);
  EXPECT_EQ(message->head_sequence(), 4U);
  EXPECT_EQ(message->next_sequence(), 5U);
  EXPECT_FALSE(reader.ReadMessage());
  EXPECT_EQ(reader.end(), "{}");
}

TEST_F(EventStreamTest, AnErasedUserIsNotShownAnyMore) {
  const std::string code = Issue(R"(,"userId":"kim")").coupon().code();
  Issue(R"(,"userId":"lee")");
  Reader before = OpenFrom(3);
  EXPECT_EQ(before.ReadMessage()->events(0).user_id(), "kim");
  auto erasing = std::make_shared<connect::FakeExchange>();
  const http::HeaderField json{"Content-Type", "application/json"};
  handler_->Handle({.method = "POST",
                    .path = "/coupon.v1.AdminService/EraseUser",
                    .query = {},
                    .body = R"({"userId":"kim"})",
                    .headers = {&json, 1}},
                   erasing);
  EXPECT_EQ(Read<coupon::v1::EraseUserResponse>(erasing).erased_coupons(), 1);
  Reader after = OpenFrom(3);
  const auto message = after.ReadMessage();
  ASSERT_TRUE(message);
  EXPECT_THAT(Outline(*message),
              ElementsAre("3 coupon.issued", "4 coupon.issued", "5 user.erased"));
  EXPECT_FALSE(message->events(0).has_user_id());
  EXPECT_EQ(message->events(1).user_id(), "lee");
  EXPECT_THAT(message->events(2).erased_coupons().codes(), ElementsAre(code));
}

TEST_F(EventStreamTest, IsUnavailableWhenReadingThrows) {
  Issue();
  log_.ThrowAtNextReadOf(GroupNumber(2));
  Reader reader = OpenFrom(1);
  EXPECT_FALSE(reader.ReadMessage());
  EXPECT_THAT(reader.end(), HasSubstr(R"("code":"unavailable")"));
  EXPECT_FALSE(engine_->fenced());
  EXPECT_THAT(ReadAll(OpenFrom(1)), ElementsAre("2 campaign.created", "3 coupon.issued"));
}

TEST_F(EventStreamTest, BeginsAtAnySequence) {
  Issue();
  Issue();
  EXPECT_THAT(ReadAll(OpenFrom(0)),
              ElementsAre("2 campaign.created", "3 coupon.issued", "4 coupon.issued"));
  EXPECT_THAT(ReadAll(OpenFrom(3)), ElementsAre("3 coupon.issued", "4 coupon.issued"));
  EXPECT_THAT(ReadAll(OpenFrom(4)), ElementsAre("4 coupon.issued"));
}

TEST_F(EventStreamTest, TheEndOfTheLogIsAPlaceToGoOnAndNoFurther) {
  Reader reader = OpenFrom(3);
  const auto message = reader.ReadMessage();
  ASSERT_TRUE(message) << "it says where to go on";
  EXPECT_EQ(message->next_sequence(), 3U);
  EXPECT_FALSE(reader.ReadMessage());
  EXPECT_THAT(RefusalOf(OpenFrom(4)),
              AllOf(HasSubstr("out_of_range"), HasSubstr("SEQUENCE_BEYOND_END")));
}

TEST_F(EventStreamTest, FollowsWhatHappens) {
  Reader reader = OpenFrom(3, /*follow=*/true);
  const auto first = reader.ReadMessage();
  ASSERT_TRUE(first);
  EXPECT_THAT(Outline(*first), IsEmpty());
  EXPECT_EQ(first->next_sequence(), 3U);
  reader.Ask();
  Issue();
  const auto second = reader.ReadMessage();
  ASSERT_TRUE(second);
  EXPECT_THAT(Outline(*second), ElementsAre("3 coupon.issued"));
  EXPECT_EQ(second->next_sequence(), 4U);
  // What happens while the client reads is not lost.
  Issue();
  Issue();
  std::vector<std::string> rest;
  while (rest.size() < 2) {
    for (std::string& line : Outline(*reader.ReadMessage())) rest.push_back(std::move(line));
  }
  EXPECT_THAT(rest, ElementsAre("4 coupon.issued", "5 coupon.issued"));
}

TEST_F(EventStreamTest, WithoutFollowNothingLaterIsShown) {
  Reader reader = OpenFrom(1);
  Issue();
  AwaitViews();
  EXPECT_THAT(ReadAll(std::move(reader)), ElementsAre("2 campaign.created"));
}

TEST_F(EventStreamTest, AFilteredStreamSaysWhereToGoOn) {
  Issue();
  coupon::v1::ReadEventsRequest request;
  request.add_types("coupon.voided");
  Reader reader = Open(request);
  const auto message = reader.ReadMessage();
  ASSERT_TRUE(message);
  EXPECT_THAT(Outline(*message), IsEmpty());
  EXPECT_EQ(message->next_sequence(), 4U);
  EXPECT_FALSE(reader.ReadMessage());
}

TEST_F(EventStreamTest, ACampaignCanBeReadAfterItsDeletion) {
  Issue();
  BodyOf(SendFor("DeleteCampaign"));
  coupon::v1::ReadEventsRequest request;
  request.set_campaign_id(id_);
  request.add_types("campaign.deleted");
  request.add_types("campaign.created");
  EXPECT_THAT(ReadAll(Open(request)), ElementsAre("2 campaign.created", "4 campaign.deleted"));
}

TEST_F(EventStreamTest, ACampaignThatNeverWasIsNotSearchedFor) {
  BodyOf(SendFor("DeleteCampaign"));
  coupon::v1::ReadEventsRequest request;
  request.set_campaign_id(FormatUuid(test::Id(9).bytes));
  const std::size_t before = views_.id_lookups();
  EXPECT_THAT(RefusalOf(Open(request)), HasSubstr("not_found"));
  EXPECT_EQ(views_.id_lookups(), before) << "it may take one for each campaign";
}

TEST_F(EventStreamTest, WhatIsWrongIsNamed) {
  coupon::v1::ReadEventsRequest unknown_type;
  unknown_type.add_types("coupon.lost");
  EXPECT_THAT(RefusalOf(Open(unknown_type)),
              AllOf(HasSubstr("invalid_argument"), HasSubstr("coupon.lost"),
                    HasSubstr("coupon.redemption_canceled")));
  coupon::v1::ReadEventsRequest no_id;
  no_id.set_campaign_id("no id");
  EXPECT_THAT(RefusalOf(Open(no_id)), HasSubstr("not_found"));
  coupon::v1::ReadEventsRequest never_there;
  never_there.set_campaign_id(FormatUuid(test::Id(9).bytes));
  EXPECT_THAT(RefusalOf(Open(never_there)), HasSubstr("not_found"));
}

TEST_F(EventStreamTest, SilenceIsBrokenByEmptyMessages) {
  coupon::v1::ReadEventsRequest request;
  request.set_from_sequence(3);
  request.set_follow(true);
  request.add_types("coupon.voided");
  Reader reader = Open(request);
  ASSERT_TRUE(reader.ReadMessage());
  reader.Ask();
  Issue();  // moves the place, but is not sent
  executor_.RunWaiting();
  EXPECT_FALSE(reader.arrived());
  for (int i = 0; i < 10 && !reader.arrived(); ++i) {
    executor_.Advance(seconds(1));
    executor_.RunWaiting();
  }
  ASSERT_TRUE(reader.arrived()) << "within 10 s";
  auto heartbeat = reader.ReadMessage();
  // The one that came first may not know yet of what has happened.
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  while (heartbeat->next_sequence() == 3 && std::chrono::steady_clock::now() < deadline) {
    reader.Ask();
    while (!reader.arrived()) {
      executor_.Advance(seconds(1));
      executor_.RunWaiting();
    }
    heartbeat = reader.ReadMessage();
  }
  EXPECT_THAT(Outline(*heartbeat), IsEmpty());
  EXPECT_EQ(heartbeat->next_sequence(), 4U);
  EXPECT_EQ(heartbeat->head_sequence(), 3U);
}

TEST_F(EventStreamTest, AReaderThatHasLeftMakesRoom) {
  StartServiceWith({.event_readers_max = 1});
  {
    const Reader reader = OpenFrom(1, /*follow=*/true);
    EXPECT_THAT(RefusalOf(OpenFrom(1)),
                AllOf(HasSubstr("unavailable"), HasSubstr("TOO_MANY_EVENT_READERS")));
  }
  EXPECT_THAT(ReadAll(OpenFrom(1)), ElementsAre("2 campaign.created"));
}

TEST_F(EventStreamTest, AnErrorOfTheLogEndsTheStream) {
  log_.FailReadAt(GroupNumber(2), {ErrorCode::kLogDamaged, "unreadable"});
  Reader reader = OpenFrom(2);
  EXPECT_FALSE(reader.ReadMessage());
  EXPECT_THAT(reader.end(), HasSubstr("internal"));
}

TEST_F(EventStreamTest, AMessageInJsonIsTheSame) {
  Issue();
  const http::HeaderField type{"Content-Type", "application/connect+json"};
  std::string body;
  connect::AppendEnvelope(0, R"({"fromSequence":"2"})", body);
  Reader reader(Handle({.method = "POST",
                        .path = "/coupon.v1.AdminService/ReadEvents",
                        .query = {},
                        .body = body,
                        .headers = {&type, 1}}),
                executor_);
  coupon::v1::ReadEventsResponse in_json;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  reader.Read().second.substr(connect::kEnvelopeHeadBytes), &in_json)
                  .ok());
  Reader other = OpenFrom(2);
  EXPECT_EQ(in_json.SerializeAsString(), other.ReadMessage()->SerializeAsString());
}

TEST_F(EventStreamTest, AReaderThatLeavesWhileItWaitsDisturbsNobody) {
  Reader leaving = OpenFrom(3, /*follow=*/true);
  Reader staying = OpenFrom(3, /*follow=*/true);
  ASSERT_TRUE(leaving.ReadMessage());
  ASSERT_TRUE(staying.ReadMessage());
  leaving.Ask();
  staying.Ask();
  leaving.Leave();
  Issue();
  EXPECT_THAT(Outline(*staying.ReadMessage()), ElementsAre("3 coupon.issued"));
}

}  // namespace
}  // namespace coupond::api

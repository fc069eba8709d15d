#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "api/events/event_fixture.h"
#include "api/events/event_request.h"

namespace coupond::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

/// Reads lines of events. Campaign 1 is created by the event 2.
class EventLinesTest : public EventFixture {
 protected:
  static constexpr http::HeaderField kAcceptsEvents{"Accept", "text/event-stream"};

  Reader GetSent(std::string_view query, std::string_view last_id = "") {
    std::vector<http::HeaderField> headers = {kAcceptsEvents};
    if (!last_id.empty()) headers.push_back({"Last-Event-ID", last_id});
    return Get(query, headers);
  }
  /// Sells campaign 1 out with the event 13.
  void SellOut() {
    for (int i = 0; i < 10; ++i) Issue();
    executor_.RunWaiting();
  }
};

TEST_F(EventLinesTest, EachEventIsALineOfJson) {
  Issue();
  Reader reader = Get("from=2");
  EXPECT_EQ(reader.exchange()->response().content_type, "application/x-ndjson");
  EXPECT_EQ(reader.exchange()->Header("Coupond-Sequence"), "3");
  EXPECT_THAT(reader.exchange()->Header("Cache-Control"), HasSubstr("no-store"));
  const auto [progress, text] = reader.Read();
  EXPECT_EQ(progress, Progress::kMore);
  EXPECT_THAT(text, MatchesRegex("\\{\"sequence\":\"2\",\"type\":\"campaign.created\".*\\}\n"
                                 "\\{\"sequence\":\"3\",\"type\":\"coupon.issued\".*\\}\n"));
  EXPECT_EQ(reader.Read().first, Progress::kEnd);
}

TEST_F(EventLinesTest, CampaignAndTypesAreParameters) {
  Issue();
  EXPECT_THAT(Get("types=coupon.issued,coupon.voided&campaign_id=" + id_).Read().second,
              AllOf(StartsWith(R"({"sequence":"3","type":"coupon.issued")"),
                    Not(HasSubstr("campaign.created"))));
}

TEST_F(EventLinesTest, AServerSentEventHasItsSequenceAsId) {
  Issue();
  Reader reader = GetSent("from=2&follow=0");
  EXPECT_EQ(reader.exchange()->response().content_type, "text/event-stream");
  EXPECT_THAT(reader.Read().second,
              MatchesRegex("id: 2\nevent: campaign.created\ndata: \\{.*\\}\n\n"
                           "id: 3\nevent: coupon.issued\ndata: \\{.*\\}\n\n"));
  EXPECT_EQ(reader.Read().first, Progress::kEnd);
}

TEST_F(EventLinesTest, OnlyTheLastEventOfASequenceHasAnId) {
  SellOut();
  EXPECT_THAT(GetSent("from=12").Read().second,
              MatchesRegex("event: coupon.issued\ndata: [^\n]*\n\n"
                           "id: 12\nevent: campaign.sold_out\ndata: [^\n]*\n\n"));
  EXPECT_THAT(GetSent("from=12&types=coupon.issued").Read().second,
              StartsWith("id: 12\nevent: coupon.issued\n"));
}

TEST_F(EventLinesTest, LastEventIdCountsInsteadOfFrom) {
  Issue();
  Issue();
  EXPECT_THAT(GetSent("from=1", "3").Read().second, StartsWith("id: 4\n"));
  const http::HeaderField last_id{"Last-Event-ID", "3"};
  EXPECT_THAT(Get("from=2", {&last_id, 1}).Read().second, StartsWith(R"({"sequence":"2")"))
      << "it belongs to server-sent events";
}

TEST_F(EventLinesTest, AnIdWithoutAnEventMovesThePlace) {
  Issue();
  EXPECT_EQ(GetSent("from=1&types=coupon.voided&follow=0").Read().second, ":\nid: 3\n\n");
  EXPECT_THAT(GetSent("from=1&types=campaign.created&follow=0").Read().second,
              AllOf(StartsWith("id: 2\n"), testing::EndsWith("}\n\nid: 3\n\n")));
}

TEST_F(EventLinesTest, ServerSentEventsGoOnUnlessToldOtherwise) {
  Reader reader = GetSent("from=3");
  EXPECT_EQ(reader.Read().second, ":\nid: 2\n\n") << "at once, so that proxies pass on the head";
  reader.Ask();
  Issue();
  EXPECT_THAT(reader.Read().second, StartsWith("id: 3\nevent: coupon.issued\n"));
}

TEST_F(EventLinesTest, AnEmptyLineIsASignOfLife) {
  Reader reader = Get("from=3&follow=1");
  EXPECT_EQ(reader.Read().second, "\n");
  reader.Ask();
  for (int i = 0; i < 10 && !reader.arrived(); ++i) {
    executor_.Advance(std::chrono::seconds(1));
    executor_.RunWaiting();
  }
  ASSERT_TRUE(reader.arrived());
  EXPECT_EQ(reader.Read().second, "\n");
}

TEST_F(EventLinesTest, WhenTheServerStopsOnlyWhatGoesOnForEverEnds) {
  Reader following = Get("from=3&follow=1");
  following.Read();
  following.Ask();
  following.exchange()->pieces()->OnServerStopping();
  EXPECT_EQ(following.Read().first, Progress::kEnd);
  Reader other = Get("from=1");
  other.exchange()->pieces()->OnServerStopping();
  EXPECT_EQ(other.Read().first, Progress::kFailed) << "it would seem complete";
}

TEST_F(EventLinesTest, WhatIsNotUnderstoodIsRefused) {
  const struct {
    std::string query;
    std::string said;
  } rows[] = {
      {"from=x", "from: "},
      {"from=-1", "from: "},
      {"follow=yes", "follow: must be 1 or 0"},
      {"form=1", "form: unknown parameter"},
      {"from=1&from=2", "from: given twice"},
      {"types=", "types: "},
      {"campaign_id=", "campaign_id: "},
      {"types=coupon.issued,,", "types: "},
      {"types=coupon.lost", "coupon.lost"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(BodyOf(Get(row.query).exchange(), 400),
                AllOf(HasSubstr("invalid_argument"), HasSubstr(row.said)))
        << row.query;
  }
  EXPECT_THAT(BodyOf(GetSent("", "abc").exchange(), 400), HasSubstr("Last-Event-ID: "));
  EXPECT_THAT(BodyOf(Get("campaign_id=x").exchange(), 404), HasSubstr("not_found"));
  EXPECT_THAT(BodyOf(Get("from=99").exchange(), 400), HasSubstr("out_of_range"));
}

TEST_F(EventLinesTest, ABrowsersListOfTypesIsRead) {
  const http::HeaderField accept{"Accept", "text/html, Text/Event-Stream;q=0.9"};
  EXPECT_EQ(Get("from=1", {&accept, 1}).exchange()->response().content_type, "text/event-stream");
}

TEST_F(EventLinesTest, AnExcludedTypeIsNotSent) {
  const http::HeaderField accept{"Accept", "text/event-stream; q=0.0, application/x-ndjson"};
  EXPECT_EQ(Get("from=1", {&accept, 1}).exchange()->response().content_type,
            "application/x-ndjson");
}

}  // namespace
}  // namespace coupond::api

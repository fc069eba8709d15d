#include "couponctl/commands/events_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/connect/envelope.h"
#include "support/scripted_server.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using coupon::v1::Event;
using coupon::v1::ReadEventsResponse;
using test::FakeAnswer;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Event EventAt(std::uint64_t sequence, const std::string& type = "coupon.issued") {
  Event event;
  event.set_sequence(sequence);
  event.set_type(type);
  event.mutable_time()->set_seconds(1);
  event.set_campaign_id("some-id");
  return event;
}

ReadEventsResponse MessageOf(const std::vector<std::uint64_t>& sequences, std::uint64_t next) {
  ReadEventsResponse message;
  for (const std::uint64_t sequence : sequences) *message.add_events() = EventAt(sequence);
  message.set_next_sequence(next);
  return message;
}

std::string Enveloped(const std::vector<ReadEventsResponse>& messages, std::string_view end) {
  std::string body;
  for (const auto& message : messages) {
    connect::AppendEnvelope(0, message.SerializeAsString(), body);
  }
  if (!end.empty()) connect::AppendEnvelope(connect::kConnectEndFlag, end, body);
  return body;
}

FakeAnswer StreamOf(const std::vector<ReadEventsResponse>& messages, std::string_view end = "{}") {
  return {.content_type = "application/connect+proto", .body = Enveloped(messages, end)};
}

class EventsCommandTest : public OneAnswerFixture {
 protected:
  ExitCode Read(const CommandContext& context, const EventsPlan& plan = {}) {
    return ReadEvents(context, plan,
                      [this](std::chrono::milliseconds pause) { pauses_.push_back(pause); });
  }

  std::vector<std::chrono::milliseconds> pauses_;
};

TEST_F(EventsCommandTest, AsksForWhatIsWanted) {
  EXPECT_EQ(Read(Against(StreamOf({MessageOf({}, 8)})),
                 {.from = 8, .follow = true, .campaign_id = "some-id", .types = {"coupon.issued"}}),
            ExitCode::kDone);
  EXPECT_EQ(Method(), "ReadEvents");
  coupon::v1::ReadEventsRequest request;
  ASSERT_TRUE(request.ParseFromString(body_.substr(connect::kEnvelopeHeadBytes)));
  EXPECT_EQ(request.from_sequence(), 8U);
  EXPECT_TRUE(request.follow());
  EXPECT_EQ(request.campaign_id(), "some-id");
  EXPECT_THAT(request.types(), ElementsAre("coupon.issued"));
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(EventsCommandTest, EachEventIsALine) {
  EXPECT_EQ(Read(Against(StreamOf({MessageOf({3, 4}, 5), MessageOf({6}, 9)}))), ExitCode::kDone);
  EXPECT_EQ(out_.str(),
            "3  1970-01-01T00:00:01Z  coupon.issued  some-id\n"
            "4  1970-01-01T00:00:01Z  coupon.issued  some-id\n"
            "6  1970-01-01T00:00:01Z  coupon.issued  some-id\n");
}

TEST_F(EventsCommandTest, EachEventIsALineOfJson) {
  EXPECT_EQ(Read(Against(StreamOf({MessageOf({3}, 4)}), true)), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("sequence"), "3");
  EXPECT_EQ(json.at("type"), "coupon.issued");
  EXPECT_FALSE(json.as_object().contains("code")) << "it has none";
}

TEST_F(EventsCommandTest, ALineSaysWhatTheEventHas) {
  Event redeemed = EventAt(3, "coupon.redeemed");
  redeemed.set_code("code");
  redeemed.mutable_redemption()->set_order_ref("47\x1b[2J");
  redeemed.mutable_redemption()->set_redeemed_by("till");
  EXPECT_THAT(EventLine(redeemed), HasSubstr("some-id  code  for 47?[2J  by till"));
  Event paused = EventAt(4, "campaign.paused");
  paused.set_scope(coupon::v1::PAUSE_SCOPE_BOTH);
  paused.set_reason("stock");
  EXPECT_THAT(EventLine(paused), HasSubstr("some-id  issuing and redeeming  stock"));
  Event updated = EventAt(5, "campaign.updated");
  updated.mutable_campaign()->set_total_coupons(7);
  updated.mutable_update_mask()->add_paths("total_coupons");
  updated.mutable_update_mask()->add_paths("end_time");
  EXPECT_THAT(EventLine(updated), HasSubstr("some-id  total_coupons, end_time"));
  Event canceled = EventAt(6, "coupon.redemption_canceled");
  canceled.set_redemption_sequence(3);
  EXPECT_THAT(EventLine(canceled), HasSubstr("some-id  redemption 3"));
  Event created = EventAt(7, "campaign.created");
  created.mutable_campaign()->set_name("summer");
  created.mutable_campaign()->set_total_coupons(9);
  EXPECT_THAT(EventLine(created), HasSubstr("some-id  9 coupons of summer"));
}

TEST_F(EventsCommandTest, ARefusalIsReported) {
  const std::string end = R"({"error":{"code":"out_of_range","message":"beyond"}})";
  EXPECT_EQ(Read(Against(StreamOf({}, end))), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("out_of_range: beyond"));
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(EventsCommandTest, EventsOutOfOrderAreNotPrinted) {
  for (const auto& messages :
       {std::vector{MessageOf({4, 3}, 5)}, std::vector{MessageOf({3}, 5), MessageOf({4}, 6)},
        std::vector{MessageOf({3}, 3)}}) {
    out_.str("");
    EXPECT_EQ(Read(Against(StreamOf(messages))), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), HasSubstr("the server sent events"));
    EXPECT_THAT(pauses_, IsEmpty());
    EXPECT_LE(std::ranges::count(out_.str(), '\n'), 1);
  }
}

/// A server that ends its first streams without their end.
class LostEventsTest : public EventsCommandTest {
 protected:
  static test::Script Sends(const std::string& body) {
    return {.pieces = {"HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\n"
                       "Connection: close\r\n\r\n" +
                       body}};
  }
  ExitCode ReadFrom(test::ScriptedServer& server, const EventsPlan& plan) {
    rpc_client::ConnectClient client(server.address(), std::chrono::seconds(60));
    return Read({.client = client, .out = out_, .err = err_}, plan);
  }
};

TEST_F(LostEventsTest, GoesOnWhereItWas) {
  test::ScriptedServer server({Sends(Enveloped({MessageOf({3, 4}, 7)}, "")), Sends(""),
                               Sends(Enveloped({MessageOf({7}, 8)}, "{}"))});
  EXPECT_EQ(ReadFrom(server, {}), ExitCode::kDone);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 3);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("connection lost"), HasSubstr("going on from 7 in"),
                                HasSubstr("still not connected"), HasSubstr("reconnected")));
  EXPECT_EQ(pauses_.size(), 2U);
}

TEST_F(LostEventsTest, EndsIfItIsTold) {
  test::ScriptedServer server({Sends(Enveloped({MessageOf({3}, 4)}, ""))});
  EXPECT_EQ(ReadFrom(server, {.reconnect = false}), ExitCode::kFailed);
  EXPECT_THAT(pauses_, IsEmpty());
}

}  // namespace
}  // namespace coupond::ctl

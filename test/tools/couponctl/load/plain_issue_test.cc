#include "couponctl/load/plain_issue.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "common/moment_text.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::ctl {
namespace {

coupon::v1::IssueCouponResponse Response() {
  coupon::v1::IssueCouponResponse response;
  response.set_success(true);
  coupon::v1::Coupon& coupon = *response.mutable_coupon();
  coupon.set_code("됴큐허뎌댜시햐추무6");
  coupon.set_campaign_id("22535fed-bbef-4fa4-9c86-8ba3ca3702e8");
  coupon.mutable_issued_at()->set_seconds(1'764'550'806);
  coupon.mutable_issued_at()->set_nanos(353'563'864);
  coupon.set_user_id("user-7");
  coupon.set_state(coupon::v1::COUPON_STATE_REDEEMED);
  response.set_already_issued(true);
  response.set_sequence(300);
  return response;
}

TEST(PlainIssue, HasEveryFieldOfTheMessage) {
  const std::string message = Response().SerializeAsString();
  const auto issue = ReadPlainIssue(message);
  ASSERT_TRUE(issue.has_value());
  EXPECT_EQ(issue->code, "됴큐허뎌댜시햐추무6");
  EXPECT_EQ(issue->campaign_id, "22535fed-bbef-4fa4-9c86-8ba3ca3702e8");
  EXPECT_EQ(issue->issued_at.unix_nanoseconds(), 1'764'550'806'353'563'864);
  EXPECT_EQ(issue->user_id, "user-7");
  EXPECT_TRUE(issue->already_issued);
}

TEST(PlainIssue, FieldsMayBeAbsent) {
  coupon::v1::IssueCouponResponse response;
  response.set_success(true);
  response.mutable_coupon()->set_code("가1");
  const std::string message = response.SerializeAsString();
  const auto issue = ReadPlainIssue(message);
  ASSERT_TRUE(issue.has_value());
  EXPECT_EQ(issue->code, "가1");
  EXPECT_EQ(issue->user_id, "");
  EXPECT_FALSE(issue->already_issued);
}

TEST(PlainIssue, LeavesRefusalsToProtobuf) {
  coupon::v1::IssueCouponResponse response;
  response.set_refusal(coupon::v1::REFUSAL_SOLD_OUT);
  response.set_error("no more coupons available");
  EXPECT_EQ(ReadPlainIssue(response.SerializeAsString()), std::nullopt);
  EXPECT_EQ(ReadPlainIssue(""), std::nullopt);
}

TEST(PlainIssue, LeavesUnusualMessagesToProtobuf) {
  coupon::v1::IssueCouponResponse response = Response();
  response.mutable_coupon()->mutable_issued_at()->set_seconds(-1);
  EXPECT_EQ(ReadPlainIssue(response.SerializeAsString()), std::nullopt);
  response = Response();
  response.set_wait_ms(5);
  EXPECT_EQ(ReadPlainIssue(response.SerializeAsString()), std::nullopt);
  EXPECT_EQ(ReadPlainIssue(Response().SerializeAsString() + "\x68"), std::nullopt);
}

// What it reads of a message that was changed at random is what protobuf reads.
TEST(PlainIssue, NeverDisagreesWithProtobuf) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const std::string good = Response().SerializeAsString();
  int read = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string message = good;
    for (unsigned changes = random() % 3 + 1; changes > 0; --changes) {
      const std::size_t at = random() % message.size();
      if (random() % 4 == 0) {
        message.erase(at, 1);
      } else {
        message[at] = static_cast<char>(random() % 2 == 0 ? random() : message[at] ^ 1);
      }
    }
    const auto issue = ReadPlainIssue(message);
    if (!issue) continue;
    ++read;
    coupon::v1::IssueCouponResponse response;
    ASSERT_TRUE(response.ParseFromString(message));
    ASSERT_TRUE(response.success());
    ASSERT_EQ(issue->code, response.coupon().code());
    ASSERT_EQ(issue->campaign_id, response.coupon().campaign_id());
    ASSERT_EQ(issue->user_id, response.coupon().user_id());
    ASSERT_EQ(issue->issued_at, tools::FromMessage(response.coupon().issued_at()));
    ASSERT_EQ(issue->already_issued, response.already_issued());
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace coupond::ctl

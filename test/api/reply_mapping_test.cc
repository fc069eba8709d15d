#include "api/reply_mapping.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;

google::protobuf::Timestamp TimeOf(Timestamp time) {
  google::protobuf::Timestamp message;
  SetTimestamp(time, message);
  return message;
}

TEST(ReplyMapping, NanosCountForwardBeforeAndAfter1970) {
  const struct {
    std::int64_t unix_nanoseconds;
    std::int64_t seconds;
    std::int32_t nanos;
  } rows[] = {
      {0, 0, 0},
      {1, 0, 1},
      {1'999'999'999, 1, 999'999'999},
      {-1, -1, 999'999'999},
      {-1'000'000'000, -1, 0},
      {-1'000'000'001, -2, 999'999'999},
      {std::numeric_limits<std::int64_t>::max(), 9'223'372'036, 854'775'807},
      {std::numeric_limits<std::int64_t>::min(), -9'223'372'037, 145'224'192},
  };
  for (const auto& row : rows) {
    const auto message = TimeOf(Timestamp::FromUnixNanoseconds(row.unix_nanoseconds));
    EXPECT_EQ(message.seconds(), row.seconds) << row.unix_nanoseconds;
    EXPECT_EQ(message.nanos(), row.nanos) << row.unix_nanoseconds;
  }
}

/// Returns a campaign that runs from At(5) to At(50), with one coupon left.
Campaign Example() {
  return {.number = CampaignNumber(3),
          .id = test::Id(9),
          .terms = {.name = "설날",
                    .total_coupons = 100'000'000,
                    .start_time = At(5),
                    .end_time = At(50),
                    .description = "a\nb",
                    .metadata = {{.key = "k", .value = "v"}, {.key = "l", .value = ""}}},
          .serials = SerialRanges({.first = Serial(77), .count = 100'000'000}),
          .issued_coupons = 99'999'999,
          .created_at = At(1),
          .revision = Sequence(12)};
}

std::int64_t SecondsAfterAt0(const google::protobuf::Timestamp& message) {
  return message.seconds() - At(0).unix_nanoseconds() / 1'000'000'000;
}

TEST(ReplyMapping, ACampaignBecomesACampaignMessage) {
  coupon::v1::Campaign message;
  SetCampaign(Example(), At(10), message);
  EXPECT_EQ(message.id(), FormatUuid(test::Id(9).bytes));
  EXPECT_EQ(message.name(), "설날");
  EXPECT_EQ(message.total_coupons(), 100'000'000);
  EXPECT_EQ(message.issued_coupons(), 99'999'999);
  EXPECT_EQ(SecondsAfterAt0(message.start_time()), 5);
  EXPECT_EQ(SecondsAfterAt0(message.created_at()), 1);
  EXPECT_EQ(message.description(), "a\nb");
  EXPECT_EQ(SecondsAfterAt0(message.end_time()), 50);
  EXPECT_EQ(message.state(), coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(message.revision(), 12U);
  EXPECT_EQ(message.coupons_per_user(), 1);
  EXPECT_FALSE(message.user_required());
  EXPECT_FALSE(message.issuing_paused());
  EXPECT_FALSE(message.redeeming_paused());
  EXPECT_FALSE(message.has_sold_out_at());
  EXPECT_FALSE(message.has_redeem_start_time());
  EXPECT_FALSE(message.has_expire_time());
  EXPECT_FALSE(message.has_valid_duration());
  EXPECT_FALSE(message.redeem_by_holder_only());
  ASSERT_EQ(message.metadata_size(), 2);
  EXPECT_EQ(message.metadata(0).key(), "k");
  EXPECT_EQ(message.metadata(0).value(), "v");
  EXPECT_EQ(message.metadata(1).key(), "l");
  EXPECT_FALSE(message.has_archived_at());
}

TEST(ReplyMapping, WhatACampaignMayHaveIsShownIfItHasIt) {
  Campaign campaign = Example();
  campaign.terms.end_time = kNever;
  campaign.terms.coupons_per_user = 3;
  campaign.terms.user_required = true;
  campaign.terms.redeem_start_time = At(60);
  campaign.terms.expire_time = At(70);
  campaign.terms.valid_duration = std::chrono::nanoseconds(5'000'000'001);
  campaign.terms.redeem_by_holder_only = true;
  campaign.paused = {.issuing = false, .redeeming = true};
  campaign.issued_coupons = 100'000'000;
  campaign.sold_out_at = At(20);
  campaign.archived_at = At(30);
  campaign.redeemed_coupons = 3;
  campaign.voided_coupons = 4;
  campaign.returned_coupons = 4'000'000'000;
  coupon::v1::Campaign message;
  SetCampaign(campaign, At(40), message);
  EXPECT_FALSE(message.has_end_time());
  EXPECT_EQ(message.coupons_per_user(), 3);
  EXPECT_TRUE(message.user_required());
  EXPECT_EQ(SecondsAfterAt0(message.redeem_start_time()), 60);
  EXPECT_EQ(SecondsAfterAt0(message.expire_time()), 70);
  EXPECT_EQ(message.valid_duration().seconds(), 5);
  EXPECT_EQ(message.valid_duration().nanos(), 1);
  EXPECT_TRUE(message.redeem_by_holder_only());
  EXPECT_FALSE(message.issuing_paused());
  EXPECT_TRUE(message.redeeming_paused());
  EXPECT_EQ(message.redeemed_coupons(), 3);
  EXPECT_EQ(message.voided_coupons(), 4);
  EXPECT_EQ(message.returned_coupons(), 4'000'000'000);
  EXPECT_EQ(SecondsAfterAt0(message.sold_out_at()), 20);
  EXPECT_EQ(SecondsAfterAt0(message.archived_at()), 30);
}

TEST(ReplyMapping, TheStateIsThatOfTheTime) {
  const Campaign open = Example();
  Campaign paused = open;
  paused.paused.issuing = true;
  Campaign sold_out = open;
  sold_out.issued_coupons = sold_out.terms.total_coupons;
  Campaign archived = open;
  archived.archived_at = At(2);
  const struct {
    const Campaign& campaign;
    Timestamp time;
    coupon::v1::CampaignState state;
  } rows[] = {
      {open, At(4), coupon::v1::CAMPAIGN_STATE_SCHEDULED},
      {open, At(5), coupon::v1::CAMPAIGN_STATE_OPEN},
      {open, At(50), coupon::v1::CAMPAIGN_STATE_ENDED},
      {paused, At(4), coupon::v1::CAMPAIGN_STATE_SCHEDULED},
      {paused, At(5), coupon::v1::CAMPAIGN_STATE_PAUSED},
      {sold_out, At(5), coupon::v1::CAMPAIGN_STATE_SOLD_OUT},
      {archived, At(5), coupon::v1::CAMPAIGN_STATE_ARCHIVED},
  };
  for (const auto& row : rows) {
    coupon::v1::Campaign message;
    SetCampaign(row.campaign, row.time, message);
    EXPECT_EQ(message.state(), row.state);
    coupon::v1::GetCampaignStatusResponse status;
    SetStatus(row.campaign, row.time, Sequence(1), status);
    EXPECT_EQ(status.state(), row.state);
  }
}

TEST(ReplyMapping, AStatusHasFiguresAndNoTexts) {
  Campaign campaign = Example();
  campaign.sold_out_at = At(20);
  coupon::v1::GetCampaignStatusResponse status;
  SetStatus(campaign, At(10), Sequence(99), status);
  EXPECT_FALSE(status.has_server_time());
  EXPECT_EQ(status.campaign_id(), FormatUuid(test::Id(9).bytes));
  EXPECT_EQ(status.total_coupons(), 100'000'000);
  EXPECT_EQ(status.issued_coupons(), 99'999'999);
  EXPECT_EQ(SecondsAfterAt0(status.start_time()), 5);
  EXPECT_EQ(SecondsAfterAt0(status.end_time()), 50);
  EXPECT_EQ(SecondsAfterAt0(status.sold_out_at()), 20);
  EXPECT_EQ(status.sequence(), 99U);
}

CouponRow Row() { return {.ordinal = 0, .serial = Serial(5), .issued_at = At(0), .user_id = {}}; }

coupon::v1::Coupon MessageOfCoupon(const CouponRow& row, const CampaignTerms& terms = {},
                                   Timestamp time = At(0)) {
  const CouponCodec codec(CodeKey{});
  const std::string campaign_id = "some campaign";
  coupon::v1::Coupon message;
  SetCoupon(row, {.codec = codec, .terms = terms, .campaign_id = campaign_id, .time = time},
            message);
  return message;
}

TEST(ReplyMapping, ACouponRowBecomesACouponMessage) {
  const coupon::v1::Coupon anonymous = MessageOfCoupon(Row());
  EXPECT_EQ(anonymous.code(), CouponCodec(CodeKey{}).Encode(Serial(5)));
  EXPECT_EQ(anonymous.campaign_id(), "some campaign");
  EXPECT_FALSE(anonymous.has_user_id()) << "an anonymous coupon has no user, not an empty one";

  CouponRow row = Row();
  row.user_id = "민수";
  const coupon::v1::Coupon message = MessageOfCoupon(row);
  EXPECT_EQ(message.user_id(), "민수");
  EXPECT_EQ(message.state(), coupon::v1::COUPON_STATE_ISSUED);
  EXPECT_FALSE(message.has_redemption());
  EXPECT_FALSE(message.has_voided_at());
  EXPECT_FALSE(message.has_void_reason());
  EXPECT_FALSE(message.has_expire_time());
}

TEST(ReplyMapping, ACouponHasWhatBecameOfIt) {
  CouponRow row = Row();
  row.status = {.state = CouponState::kRedeemed,
                .redemption = Redemption{.sequence = Sequence(52),
                                         .redeemed_at = At(3),
                                         .order_ref = "4711",
                                         .redeemed_by = "till",
                                         .request_id = "r1",
                                         .key = KeyId(0x6b32'7039'7837'7164)}};
  const coupon::v1::Coupon redeemed = MessageOfCoupon(row);
  EXPECT_EQ(redeemed.state(), coupon::v1::COUPON_STATE_REDEEMED);
  EXPECT_EQ(redeemed.redemption().sequence(), 52U);
  EXPECT_EQ(SecondsAfterAt0(redeemed.redemption().redeemed_at()), 3);
  EXPECT_EQ(redeemed.redemption().order_ref(), "4711");
  EXPECT_EQ(redeemed.redemption().redeemed_by(), "till");
  EXPECT_EQ(redeemed.redemption().request_id(), "r1");
  EXPECT_EQ(redeemed.redemption().key_id(), "k2p9x7qd");
  row.status.redemption->key = kNoKey;
  EXPECT_FALSE(MessageOfCoupon(row).redemption().has_key_id());
  for (const auto& [state, shown] :
       {std::pair(CouponState::kVoided, coupon::v1::COUPON_STATE_VOIDED),
        std::pair(CouponState::kReturned, coupon::v1::COUPON_STATE_RETURNED)}) {
    row.status = {.state = state, .voided_at = At(4), .void_reason = "lost"};
    const coupon::v1::Coupon voided = MessageOfCoupon(row);
    EXPECT_EQ(voided.state(), shown);
    EXPECT_FALSE(voided.has_redemption());
    EXPECT_EQ(SecondsAfterAt0(voided.voided_at()), 4);
    EXPECT_EQ(voided.void_reason(), "lost");
  }
}

TEST(ReplyMapping, ACouponExpiresByTheTermsAsTheyAre) {
  const struct {
    Timestamp set_expire_time;
    std::chrono::nanoseconds valid_duration;
    Timestamp expire_time;
  } rows[] = {
      {At(20), kUnlimited, At(20)},
      {kNever, std::chrono::seconds(7), At(7)},
      {At(20), std::chrono::seconds(7), At(7)},
      {At(6), std::chrono::seconds(7), At(6)},
  };
  for (const auto& row : rows) {
    CampaignTerms terms;
    terms.expire_time = row.set_expire_time;
    terms.valid_duration = row.valid_duration;
    const auto before =
        MessageOfCoupon(Row(), terms, row.expire_time.Plus(std::chrono::nanoseconds(-1)));
    EXPECT_EQ(before.state(), coupon::v1::COUPON_STATE_ISSUED);
    EXPECT_EQ(SecondsAfterAt0(before.expire_time()), SecondsAfterAt0(TimeOf(row.expire_time)));
    const auto then = MessageOfCoupon(Row(), terms, row.expire_time);
    EXPECT_EQ(then.state(), coupon::v1::COUPON_STATE_EXPIRED);
    EXPECT_EQ(SecondsAfterAt0(then.expire_time()), SecondsAfterAt0(TimeOf(row.expire_time)));
    for (const auto& [state, shown] :
         {std::pair(CouponState::kRedeemed, coupon::v1::COUPON_STATE_REDEEMED),
          std::pair(CouponState::kVoided, coupon::v1::COUPON_STATE_VOIDED)}) {
      CouponRow changed = Row();
      changed.status.state = state;
      EXPECT_EQ(MessageOfCoupon(changed, terms, At(100)).state(), shown);
    }
  }
}

}  // namespace
}  // namespace coupond::api

#include "api/redeem_mapping.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/mapping_expectations.h"
#include "base/error.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

class RedeemMappingTest : public testing::Test {
 protected:
  RedeemMappingTest() {
    redeem_.set_code(code_);
    cancel_.set_code(code_);
    cancel_.set_redemption_sequence(52);
    void_.set_code(code_);
  }
  Mapped<RedeemCoupon> Redeem(const std::optional<std::string>& key = std::nullopt) {
    MappedRedeem redeem = TRY(MapRedeemCoupon(redeem_, {.codec = codec_, .claims = claims_}, key));
    return std::move(redeem.command);
  }
  Mapped<CancelRedemption> Cancel() {
    return MapCancelRedemption(cancel_, {.codec = codec_, .claims = claims_});
  }
  Mapped<VoidCoupon> Void() { return MapVoidCoupon(void_, {.codec = codec_, .claims = claims_}); }

  const CouponCodec codec_{CodeKey{}};
  ClaimDigest claims_{CodeKey{}};
  const std::string code_ = codec_.Encode(Serial(5));
  coupon::v1::RedeemCouponRequest redeem_;
  coupon::v1::CancelRedemptionRequest cancel_;
  coupon::v1::VoidCouponRequest void_;
};

TEST_F(RedeemMappingTest, EverySpellingOfACodeMeansItsCoupon) {
  // A hyphen after the first syllable, whose three bytes come first.
  const std::string spelt = " " + code_.substr(0, 3) + "-" + code_.substr(3) + "\n";
  for (const std::string& code : {code_, spelt}) {
    redeem_.set_code(code);
    cancel_.set_code(code);
    void_.set_code(code);
    EXPECT_EQ(Redeem().value().serial, Serial(5));
    EXPECT_EQ(Cancel().value().serial, Serial(5));
    EXPECT_EQ(Void().value().serial, Serial(5));
    coupon::v1::GetCouponRequest get;
    get.set_code(code);
    EXPECT_EQ(MapGetCoupon(get, codec_).value().serial, Serial(5));
  }
}

TEST_F(RedeemMappingTest, WhatCannotBeACodeIsOneThatNoCouponHas) {
  for (const std::string& code :
       {std::string("x"), std::string(" "), std::string(10'000, 'x'), code_ + "1"}) {
    redeem_.set_code(code);
    EXPECT_EQ(Redeem().value().serial, kNoSerial);
    cancel_.set_code(code);
    EXPECT_EQ(Cancel().value().serial, kNoSerial);
    void_.set_code(code);
    EXPECT_EQ(Void().value().serial, kNoSerial);
  }
}

TEST_F(RedeemMappingTest, ACodeMustBeGiven) {
  redeem_.clear_code();
  ExpectInvalid(Redeem(), "code: missing");
  EXPECT_EQ(Redeem().error().field, "code");
  cancel_.clear_code();
  ExpectInvalid(Cancel(), "code: missing");
  void_.clear_code();
  ExpectInvalid(Void(), "code: missing");
  ExpectInvalid(MapGetCoupon({}, codec_), "code: missing");
}

TEST_F(RedeemMappingTest, AnImpossibleCampaignHasNoCoupons) {
  EXPECT_FALSE(Redeem().value().campaign_id);
  redeem_.set_campaign_id(FormatUuid(test::Id(1).bytes));
  EXPECT_EQ(Redeem().value().campaign_id, test::Id(1));
  EXPECT_EQ(Redeem().value().serial, Serial(5));
  redeem_.set_campaign_id("x");
  EXPECT_EQ(Redeem().value().campaign_id, kNoCampaign);
  coupon::v1::GetCouponRequest get;
  get.set_code(code_);
  get.set_campaign_id(FormatUuid(test::Id(1).bytes));
  EXPECT_EQ(MapGetCoupon(get, codec_).value().campaign_id, test::Id(1));
  get.set_campaign_id("x");
  EXPECT_EQ(MapGetCoupon(get, codec_).value().campaign_id, kNoCampaign);
}

TEST_F(RedeemMappingTest, TextsAreNormalised) {
  EXPECT_EQ(Redeem().value().order_ref, "");
  EXPECT_EQ(Redeem().value().request_id, "");
  redeem_.set_order_ref(" ｏｒｄｅｒ 7 ");
  redeem_.set_redeemed_by("\u1107\u1169\u11B7");
  redeem_.set_request_id("ｒ1");
  const auto redeem = Redeem().value();
  EXPECT_EQ(redeem.order_ref, "order 7");
  EXPECT_EQ(redeem.redeemed_by, "봄");
  EXPECT_EQ(redeem.request_id, "r1");
  cancel_.set_reason(" too  many\n");
  EXPECT_EQ(Cancel().value().reason, "too  many");
  void_.set_reason("ａ");
  EXPECT_EQ(Void().value().reason, "a");
}

TEST_F(RedeemMappingTest, AUserIsDigestedOnceTheCampaignIsKnown) {
  redeem_.set_user_id(" ｋim");
  const auto redeem = MapRedeemCoupon(redeem_, {.codec = codec_, .claims = claims_});
  ASSERT_TRUE(redeem);
  EXPECT_EQ(redeem->user_id, "kim");
  EXPECT_FALSE(redeem->command.holder);
}

TEST_F(RedeemMappingTest, TextsHaveTheirLimits) {
  const struct {
    const char* field;
    std::size_t bytes_max;
    void (coupon::v1::RedeemCouponRequest::*set)(std::string&&);
  } rows[] = {
      {"order_ref", limits::kOrderRefMaxBytes, &coupon::v1::RedeemCouponRequest::set_order_ref},
      {"user_id", limits::kUserIdMaxBytes, &coupon::v1::RedeemCouponRequest::set_user_id},
      {"redeemed_by", limits::kRedeemedByMaxBytes,
       &coupon::v1::RedeemCouponRequest::set_redeemed_by},
      {"request_id", limits::kRequestIdMaxBytes, &coupon::v1::RedeemCouponRequest::set_request_id},
  };
  for (const auto& row : rows) {
    const std::string field = row.field;
    (redeem_.*row.set)(std::string(row.bytes_max, 'x'));
    EXPECT_TRUE(Redeem()) << field;
    (redeem_.*row.set)(std::string(row.bytes_max + 1, 'x'));
    ExpectInvalid(Redeem(), (field + ": too long").c_str());
    (redeem_.*row.set)(std::string(4 * row.bytes_max + 1, 'x'));
    ExpectInvalid(Redeem(), (field + ": too long").c_str());
    (redeem_.*row.set)(" ");
    ExpectInvalid(Redeem(), (field + ": has only blanks").c_str());
    (redeem_.*row.set)("a\x01");
    ExpectInvalid(Redeem(), (field + ": U+0001").c_str());
    (redeem_.*row.set)("");
  }
  cancel_.set_reason(std::string(4 * limits::kReasonMaxBytes + 1, 'x'));
  ExpectInvalid(Cancel(), "reason: too long");
  void_.set_reason("a\nb");
  ExpectInvalid(Void(), "reason: U+000A");
  void_.clear_reason();
  void_.set_request_id(std::string(limits::kRequestIdMaxBytes + 1, 'x'));
  ExpectInvalid(Void(), "request_id: too long");
}

TEST_F(RedeemMappingTest, ARequestIdIsAKeyOfWhatIsAskedFor) {
  EXPECT_FALSE(Redeem().value().request);
  redeem_.set_request_id("r1");
  redeem_.set_order_ref("order");
  const RequestKey key = *Redeem().value().request;
  redeem_.set_redeemed_by("till 3");
  redeem_.set_user_id("kim");
  redeem_.set_validate_only(true);
  redeem_.set_campaign_id(FormatUuid(test::Id(1).bytes));
  EXPECT_EQ(*Redeem().value().request, key) << "who asks is not what is asked for";
  redeem_.set_request_id(" ｒ1");
  EXPECT_EQ(*Redeem().value().request, key) << "in normal form";
  redeem_.set_order_ref("other");
  EXPECT_EQ(Redeem().value().request->digest, key.digest);
  EXPECT_NE(Redeem().value().request->content, key.content);
  redeem_.set_order_ref("order");
  redeem_.set_code(codec_.Encode(Serial(6)));
  EXPECT_NE(Redeem().value().request->content, key.content);
  redeem_.set_request_id("r2");
  EXPECT_NE(Redeem().value().request->digest, key.digest);

  // The key counts all over the store, so no two methods ask for the same.
  cancel_.set_request_id("r1");
  void_.set_request_id("r1");
  EXPECT_EQ(Cancel().value().request->digest, key.digest);
  EXPECT_EQ(Void().value().request->digest, key.digest);
  EXPECT_NE(Cancel().value().request->content, key.content);
  EXPECT_NE(Void().value().request->content, key.content);
  EXPECT_NE(Cancel().value().request->content, Void().value().request->content);
  const auto kept = Void().value().request->content;
  void_.set_reason("why");
  EXPECT_EQ(Void().value().request->content, kept);
  void_.set_return_to_pool(true);
  const auto returned = Void().value().request->content;
  EXPECT_NE(returned, kept);
  void_.set_free_claim(true);
  const auto freed = Void().value().request->content;
  EXPECT_NE(freed, returned);
  void_.set_return_to_pool(false);
  EXPECT_NE(Void().value().request->content, kept);
  EXPECT_NE(Void().value().request->content, freed);
  const auto by_sequence = Cancel().value().request->content;
  cancel_.set_redemption_request_id("52");
  EXPECT_NE(Cancel().value().request->content, by_sequence);
}

TEST_F(RedeemMappingTest, TheHeaderIsAnotherWayToGiveTheRequestId) {
  redeem_.set_request_id("r1");
  const RequestKey key = *Redeem().value().request;
  EXPECT_EQ(*Redeem("\"r1\"").value().request, key);
  redeem_.clear_request_id();
  EXPECT_EQ(*Redeem("\"r1\"").value().request, key);
  EXPECT_EQ(Redeem("r1").value().request_id, "r1");
  redeem_.set_request_id("r2");
  ExpectInvalid(Redeem("r1"), "request_id: differs");
  EXPECT_FALSE(Redeem("\""));
}

TEST_F(RedeemMappingTest, ACancellationNamesItsRedemption) {
  EXPECT_EQ(std::get<Sequence>(Cancel().value().redemption), Sequence(52));
  redeem_.set_request_id("r1");
  cancel_.set_redemption_request_id(" ｒ1 ");
  EXPECT_EQ(std::get<Claim>(Cancel().value().redemption), Redeem().value().request->digest);
  cancel_.set_redemption_request_id(std::string(limits::kRequestIdMaxBytes + 1, 'x'));
  ExpectInvalid(Cancel(), "redemption_request_id: too long");
  const char* const missing = "redemption_sequence and redemption_request_id are both missing";
  cancel_.set_redemption_request_id("");
  ExpectInvalid(Cancel(), missing);
  cancel_.set_redemption_sequence(0);
  ExpectInvalid(Cancel(), missing);
  cancel_.clear_redemption();
  ExpectInvalid(Cancel(), missing);
}

TEST_F(RedeemMappingTest, AVoidedCouponKeepsItsPlaceByDefault) {
  EXPECT_FALSE(Void().value().return_to_pool);
  EXPECT_FALSE(Void().value().free_claim);
  void_.set_return_to_pool(true);
  EXPECT_TRUE(Void().value().return_to_pool);
  EXPECT_FALSE(Void().value().free_claim);
  void_.set_free_claim(true);
  EXPECT_TRUE(Void().value().free_claim);
}

}  // namespace
}  // namespace coupond::api

#include "api/coupon_file/coupon_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/coupon_file/state_names.h"

namespace coupond::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

coupon::v1::Coupon Issued(const std::string& user_id = "") {
  coupon::v1::Coupon coupon;
  coupon.set_code("됴큐허뎌댜시햐추무6");
  coupon.set_campaign_id("some-id");
  coupon.set_state(coupon::v1::COUPON_STATE_ISSUED);
  coupon.mutable_issued_at()->set_seconds(1'700'000'000);
  coupon.mutable_issued_at()->set_nanos(5'000'000);
  if (!user_id.empty()) coupon.set_user_id(user_id);
  return coupon;
}

coupon::v1::Coupon Redeemed(const std::string& order_ref) {
  coupon::v1::Coupon coupon = Issued();
  coupon.set_state(coupon::v1::COUPON_STATE_REDEEMED);
  coupon.mutable_redemption()->mutable_redeemed_at()->set_seconds(1'700'000'060);
  coupon.mutable_redemption()->set_order_ref(order_ref);
  return coupon;
}

std::string LineOf(const CouponLines& lines, const coupon::v1::Coupon& coupon) {
  std::string line;
  EXPECT_TRUE(lines.Append(coupon, line));
  return line;
}

class CsvLinesTest : public testing::Test {
 protected:
  const CouponLines csv_{CouponFileFormat::kCsv};
};

TEST_F(CsvLinesTest, TheHeaderNamesTheColumns) {
  const std::string header =
      "code,user_id,state,issued_at,expire_time,redeemed_at,order_ref,voided_at\r\n";
  EXPECT_EQ(csv_.Head(ByteOrderMark::kNone), header);
  EXPECT_EQ(csv_.Head(ByteOrderMark::kWritten), "\xEF\xBB\xBF" + header);
}

TEST_F(CsvLinesTest, TimesAreInUtcAndMissingOnesEmpty) {
  EXPECT_EQ(LineOf(csv_, Issued("kim")),
            "됴큐허뎌댜시햐추무6,kim,issued,2023-11-14T22:13:20.005Z,,,,\r\n");
  coupon::v1::Coupon expired = Issued();
  expired.set_state(coupon::v1::COUPON_STATE_EXPIRED);
  expired.mutable_expire_time()->set_seconds(1'700'000'001);
  EXPECT_EQ(LineOf(csv_, expired),
            "됴큐허뎌댜시햐추무6,,expired,2023-11-14T22:13:20.005Z,2023-11-14T22:13:21Z,,,\r\n");
  coupon::v1::Coupon voided = Issued();
  voided.set_state(coupon::v1::COUPON_STATE_VOIDED);
  voided.mutable_voided_at()->set_seconds(1'700'000'002);
  voided.set_void_reason("lost");
  EXPECT_EQ(LineOf(csv_, voided),
            "됴큐허뎌댜시햐추무6,,voided,2023-11-14T22:13:20.005Z,,,,2023-11-14T22:13:22Z\r\n");
  EXPECT_EQ(
      LineOf(csv_, Redeemed("4711")),
      "됴큐허뎌댜시햐추무6,,redeemed,2023-11-14T22:13:20.005Z,,2023-11-14T22:14:20Z,4711,\r\n");
}

TEST_F(CsvLinesTest, WhatCallersWroteIsNeitherAFormulaNorAnotherCell) {
  EXPECT_THAT(LineOf(csv_, Issued("=HYPERLINK(\"http://x\")")),
              HasSubstr(",\"'=HYPERLINK(\"\"http://x\"\")\",issued,"));
  EXPECT_THAT(LineOf(csv_, Redeemed("-2+3")), HasSubstr(",'-2+3,\r\n"));
  EXPECT_THAT(LineOf(csv_, Redeemed("a,b")), HasSubstr(",\"a,b\",\r\n"));
  EXPECT_THAT(LineOf(csv_, Redeemed("a\nb")), HasSubstr(",\"a\nb\",\r\n"));
  EXPECT_THAT(LineOf(csv_, Issued("김철수")), HasSubstr(",김철수,"));
}

TEST_F(CsvLinesTest, ATimeThatCannotBeWrittenIsLeftOut) {
  coupon::v1::Coupon coupon = Issued();
  coupon.mutable_issued_at()->set_seconds(1'000'000'000'000'000);
  EXPECT_EQ(LineOf(csv_, coupon), "됴큐허뎌댜시햐추무6,,issued,,,,,\r\n");
}

TEST(JsonLines, EachCouponIsAnObjectOnOneLine) {
  const CouponLines lines(CouponFileFormat::kJsonLines);
  EXPECT_EQ(lines.Head(ByteOrderMark::kWritten), "") << "JSON Lines have no byte order mark";
  EXPECT_EQ(LineOf(lines, Issued("two\nlines")),
            R"({"code":"됴큐허뎌댜시햐추무6","campaignId":"some-id",)"
            R"("issuedAt":"2023-11-14T22:13:20.005Z","userId":"two\nlines",)"
            R"("state":"COUPON_STATE_ISSUED"})"
            "\n");
}

TEST(JsonLines, WhatCannotBeWrittenAddsNothing) {
  const CouponLines lines(CouponFileFormat::kJsonLines);
  coupon::v1::Coupon coupon = Issued();
  coupon.mutable_issued_at()->set_seconds(1'000'000'000'000'000);
  std::string out = "before";
  EXPECT_FALSE(lines.Append(coupon, out));
  EXPECT_EQ(out, "before");
}

TEST(StateNames, AreReadAsTheyAreWritten) {
  for (int number = coupon::v1::CouponState_MIN; number <= coupon::v1::CouponState_MAX; ++number) {
    const auto state = static_cast<coupon::v1::CouponState>(number);
    const auto read = ParseStates(StateName(state));
    if (state == coupon::v1::COUPON_STATE_UNSPECIFIED) {
      EXPECT_FALSE(read);
    } else {
      ASSERT_TRUE(read) << StateName(state);
      EXPECT_THAT(*read, ElementsAre(state));
    }
  }
}

TEST(StateNames, ARepeatedOneCountsOnce) {
  EXPECT_THAT(*ParseStates("voided,redeemed,voided"),
              ElementsAre(coupon::v1::COUPON_STATE_VOIDED, coupon::v1::COUPON_STATE_REDEEMED));
}

TEST(StateNames, AnErrorSaysWhatWouldBeRight) {
  for (const char* text : {"", ",", "redeemed,", ",voided", "Redeemed", "redeemed, voided", "gone",
                           "unknown", "redeemed;voided"}) {
    const auto read = ParseStates(text);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error(), HasSubstr("issued, redeemed, expired, voided, returned")) << text;
  }
}

}  // namespace
}  // namespace coupond::api

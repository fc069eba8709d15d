#include "api/reply_mapping.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "support/builders.h"

namespace coupond::service {
namespace {

google::protobuf::Timestamp Mapped(std::int64_t unix_nanoseconds) {
  google::protobuf::Timestamp message;
  SetTimestamp(Timestamp::FromUnixNanoseconds(unix_nanoseconds), message);
  return message;
}

TEST(MessageMapping, NanosCountForwardBeforeAndAfter1970) {
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
    const auto message = Mapped(row.unix_nanoseconds);
    EXPECT_EQ(message.seconds(), row.seconds) << row.unix_nanoseconds;
    EXPECT_EQ(message.nanos(), row.nanos) << row.unix_nanoseconds;
  }
}

TEST(MessageMapping, ACampaignsRowBecomesItsMessage) {
  coupon::v1::Campaign message;
  SetCampaign({.number = CampaignNumber(3),
               .id = test::Id(9),
               .name = "설날",
               .total_coupons = 100'000'000,
               .issued_coupons = 99'999'999,
               .start_time = test::At(5),
               .created_at = test::At(1),
               .first_serial = Serial(77)},
              message);
  EXPECT_EQ(message.id(), FormatUuid(test::Id(9).bytes));
  EXPECT_EQ(message.name(), "설날");
  EXPECT_EQ(message.total_coupons(), 100'000'000);
  EXPECT_EQ(message.issued_coupons(), 99'999'999);
  EXPECT_EQ(message.start_time().seconds() - message.created_at().seconds(), 4);
}

TEST(MessageMapping, ACouponsRowBecomesItsMessage) {
  const CouponCodec codec(CodeKey{});
  coupon::v1::Coupon message;
  SetCoupon({.ordinal = 0, .serial = Serial(5), .issued_at = test::At(0), .user_id = {}}, codec,
            "some campaign", message);
  EXPECT_EQ(message.code(), codec.Encode(Serial(5)));
  EXPECT_EQ(message.campaign_id(), "some campaign");
  EXPECT_FALSE(message.has_user_id()) << "an anonymous coupon has no user, not an empty one";

  SetCoupon({.ordinal = 0, .serial = Serial(5), .issued_at = test::At(0), .user_id = "민수"}, codec,
            "some campaign", message);
  EXPECT_EQ(message.user_id(), "민수");
}

}  // namespace
}  // namespace coupond::service

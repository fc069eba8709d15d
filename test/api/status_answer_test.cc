#include "api/status_answer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "api/reply_mapping.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/json/json_format.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using connect::Codec;
using coupon::v1::GetCampaignStatusResponse;
using test::At;

TEST(StatusAnswer, TheBytesAreThoseOfTheGeneralEncoders) {
  const connect::JsonFormat format(GetCampaignStatusResponse::descriptor());
  Campaign campaign;
  campaign.id = test::Id(7);
  campaign.terms.total_coupons = 10;
  campaign.terms.start_time = At(5);
  Campaign with_everything = campaign;
  with_everything.issued_coupons = 10;
  with_everything.terms.end_time = At(20);
  with_everything.sold_out_at = At(10);
  for (const Codec codec : {Codec::kJson, Codec::kProto}) {
    for (const Campaign& shown : {campaign, with_everything}) {
      for (const std::int64_t time :
           {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{999'999'999},
            std::int64_t{1'700'000'000'000'000'000}, std::int64_t{1'700'000'000'500'000'000},
            std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
        const Timestamp server_time = Timestamp::FromUnixNanoseconds(time);
        GetCampaignStatusResponse response;
        SetStatus(shown, server_time, Sequence(41), response);
        const std::string rest = connect::Encode(codec, format, response).value();
        SetTimestamp(server_time, *response.mutable_server_time());
        EXPECT_EQ(WithServerTime(codec, server_time, rest),
                  connect::Encode(codec, format, response).value());
      }
    }
  }
}

}  // namespace
}  // namespace coupond::api

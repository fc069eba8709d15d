#include "api/page_tokens.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "rpc/json/base64.h"

namespace coupond::api {
namespace {

/// The largest number that has a successor.
constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max() - 1;

std::string TokenOf(std::string_view plain) {
  std::string token;
  connect::AppendBase64(plain, connect::Base64Padding::kUnpadded, token);
  return token;
}

TEST(PageToken, IsReadAsItWasWritten) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, kLargest}) {
    const CampaignsPageToken campaigns{CampaignNumber(number)};
    EXPECT_EQ(ReadCampaignsPageToken(WritePageToken(campaigns)), campaigns);
    const CouponsPageToken coupons{CampaignNumber(number), kLargest - number};
    EXPECT_EQ(ReadCouponsPageToken(WritePageToken(coupons)), coupons);
    const SearchPageToken search{.search = number,
                                 .after = {.sequence = Sequence(kLargest - number),
                                           .campaign = CampaignNumber(7),
                                           .ordinal = number}};
    EXPECT_EQ(ReadSearchPageToken(WritePageToken(search)), search);
  }
}

TEST(PageToken, OfOneListIsInvalidForTheOthers) {
  for (const std::string& token : {WritePageToken(CampaignsPageToken{CampaignNumber(7)}),
                                   WritePageToken(CouponsPageToken{CampaignNumber(7), 9}),
                                   WritePageToken(SearchPageToken{})}) {
    EXPECT_EQ(ReadCampaignsPageToken(token).has_value() + ReadCouponsPageToken(token).has_value() +
                  ReadSearchPageToken(token).has_value(),
              1)
        << token;
  }
}

TEST(PageToken, NeedsNoEscapingInUrlsOrJson) {
  const std::string token = WritePageToken(CouponsPageToken{CampaignNumber(kLargest), kLargest});
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"),
      std::string::npos)
      << token;
}

TEST(PageToken, AnyOtherTextIsRefused) {
  const std::string sound = WritePageToken(CouponsPageToken{CampaignNumber(7), 9});
  ASSERT_TRUE(ReadCouponsPageToken(sound));
  ASSERT_EQ(sound, TokenOf("coupons1.7.9"));
  for (const std::string& token : {std::string(),
                                   std::string("?"),
                                   sound + "A",
                                   sound + sound,
                                   sound.substr(4),
                                   TokenOf("coupons1"),
                                   TokenOf("coupons1."),
                                   TokenOf("coupons1.7"),
                                   TokenOf("coupons1.7."),
                                   TokenOf("coupons1.7.9."),
                                   TokenOf("coupons1.7.9.1"),
                                   TokenOf("coupons1.-7.9"),
                                   TokenOf("coupons1.+7.9"),
                                   TokenOf("coupons1. 7.9"),
                                   TokenOf("coupons1.7.x"),
                                   TokenOf("coupons1.07.9"),
                                   TokenOf("campaigns1.07"),
                                   TokenOf("campaigns1.7") + "==",
                                   TokenOf("coupons1.7.18446744073709551616"),
                                   TokenOf("coupons1.7.18446744073709551615"),
                                   TokenOf("campaigns1.18446744073709551615"),
                                   TokenOf("coupons2.7.9"),
                                   TokenOf("coupons17.9"),
                                   TokenOf("Coupons1.7.9"),
                                   TokenOf("search1.1.2.3"),
                                   TokenOf("search1.1.2.3.4.5"),
                                   TokenOf("search1.1.2.3.18446744073709551615")}) {
    EXPECT_FALSE(ReadCouponsPageToken(token)) << token;
    EXPECT_FALSE(ReadCampaignsPageToken(token)) << token;
    EXPECT_FALSE(ReadSearchPageToken(token)) << token;
  }
}

}  // namespace
}  // namespace coupond::api

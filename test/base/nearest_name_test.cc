#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace coupond {
namespace {

TEST(NearestName, IsTheOneProbablyMeant) {
  constexpr std::array<std::string_view, 4> kNames = {"campaign_id", "user_id", "request_id",
                                                      "name"};
  EXPECT_EQ(NearestName("userID", kNames), "user_id");
  EXPECT_EQ(NearestName("user-id", kNames), "user_id");
  EXPECT_EQ(NearestName("usreId", kNames), "user_id");
  EXPECT_EQ(NearestName("campain_id", kNames), "campaign_id");
  EXPECT_EQ(NearestName("nmae", kNames), "name");
  EXPECT_EQ(NearestName("reqest-id", kNames), "request_id");
}

TEST(NearestName, MayBeTheOnlyOneThatContainsThePart) {
  constexpr std::array<std::string_view, 3> kNames = {"campaign_id", "campaign_name", "user_id"};
  EXPECT_EQ(NearestName("user", kNames), "user_id");
  EXPECT_EQ(NearestName("name", kNames), "campaign_name");
  EXPECT_EQ(NearestName("campaign", kNames), "campaign_id");  // the nearer of two
  EXPECT_EQ(NearestName("id", kNames), std::nullopt);
}

TEST(NearestName, IsNulloptIfNoneIsNear) {
  constexpr std::array<std::string_view, 2> kNames = {"campaign_id", "user_id"};
  EXPECT_EQ(NearestName("colour", kNames), std::nullopt);
  EXPECT_EQ(NearestName("", kNames), std::nullopt);
  EXPECT_EQ(NearestName("user_id", {}), std::nullopt);
  EXPECT_EQ(NearestName(std::string(100'000, 'x'), kNames), std::nullopt);
}

}  // namespace
}  // namespace coupond

#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coupond {
namespace {

TEST(NearestName, IsTheOneThatWasMeant) {
  const std::vector<std::string> names = {"campaign_id", "user_id", "request_id", "name"};
  EXPECT_EQ(NearestName("userID", names), "user_id");
  EXPECT_EQ(NearestName("user-id", names), "user_id");
  EXPECT_EQ(NearestName("usreId", names), "user_id");
  EXPECT_EQ(NearestName("campain_id", names), "campaign_id");
  EXPECT_EQ(NearestName("nmae", names), "name");
}

TEST(NearestName, IsNoneIfNoneIsNear) {
  const std::vector<std::string> names = {"campaign_id", "user_id"};
  EXPECT_EQ(NearestName("colour", names), std::nullopt);
  EXPECT_EQ(NearestName("", names), std::nullopt);
  EXPECT_EQ(NearestName("user_id", {}), std::nullopt);
  EXPECT_EQ(NearestName(std::string(100'000, 'x'), names), std::nullopt);
}

}  // namespace
}  // namespace coupond

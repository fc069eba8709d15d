#include "engine/codes/user_digest.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

namespace coupond {
namespace {

constexpr CodeKey kKey{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
constexpr CodeKey kOtherKey{{2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

TEST(UserDigest, DependsOnTheUserAndTheKeyAlone) {
  UserDigests digests(kKey);
  const UserDigest kim = digests.Of("kim");
  EXPECT_NE(digests.Of("Kim"), kim);
  EXPECT_NE(digests.Of("kim "), kim);
  EXPECT_NE(UserDigests(kOtherKey).Of("kim"), kim);
  // Nothing is left over from the texts in between.
  EXPECT_EQ(digests.Of("kim"), kim);
  EXPECT_EQ(UserDigests(kKey).Of("kim"), kim);
}

TEST(UserDigest, DiffersForManyUsersOfEveryLength) {
  UserDigests digests(kKey);
  std::set<std::uint64_t> seen;
  std::string user_id;
  for (int i = 0; i < 128; ++i) {
    user_id += 'u';
    EXPECT_TRUE(seen.insert(digests.Of(user_id).value()).second) << user_id;
    EXPECT_TRUE(seen.insert(digests.Of(std::to_string(i)).value()).second) << i;
  }
}

// Users are distributed by the last bits of their digests.
TEST(UserDigest, FillsAllBits) {
  UserDigests digests(kKey);
  std::uint64_t ones = 0;
  std::uint64_t zeros = 0;
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t digest = digests.Of(std::to_string(i)).value();
    ones |= digest;
    zeros |= ~digest;
  }
  EXPECT_EQ(ones, ~std::uint64_t{0});
  EXPECT_EQ(zeros, ~std::uint64_t{0});
}

}  // namespace
}  // namespace coupond

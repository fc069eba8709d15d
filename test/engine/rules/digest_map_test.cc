#include "engine/rules/digest_map.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/builders.h"
#include "support/peak_memory.h"

namespace coupond {
namespace {

Claim RandomClaim(std::mt19937_64& random) {
  Claim claim;
  const std::array<std::uint64_t, 2> words = {random(), random()};
  std::memcpy(claim.bytes.data(), words.data(), claim.bytes.size());
  return claim;
}

TEST(ClaimMap, IsEmptyAtFirst) {
  const ClaimMap map;
  EXPECT_EQ(map.size(), 0U);
  EXPECT_EQ(map.Find(test::ClaimOf(1)), std::nullopt);
}

TEST(ClaimMap, FindsWhatWasPutAndNothingElse) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  ClaimMap map;
  std::map<Claim, std::uint32_t> model;
  for (std::uint32_t ordinal = 0; ordinal < 100'000; ++ordinal) {
    const Claim claim = RandomClaim(random);
    map.Put(claim, ordinal);
    model.emplace(claim, ordinal);
  }
  ASSERT_EQ(map.size(), model.size());
  for (const auto& [claim, ordinal] : model) ASSERT_EQ(map.Find(claim), ordinal);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(map.Find(RandomClaim(random)), std::nullopt);
  std::size_t visited = 0;
  map.ForEach([&](const Claim& claim, std::uint32_t ordinal) {
    ++visited;
    EXPECT_EQ(model.at(claim), ordinal);
  });
  EXPECT_EQ(visited, model.size());
}

TEST(ClaimMap, HoldsClaimsWithOneHash) {
  ClaimMap map;
  constexpr std::uint8_t kClaims = 200;
  for (std::uint8_t i = 0; i < kClaims; ++i) {
    Claim claim;
    claim.bytes.fill(0xFF);
    claim.bytes[8] = i;
    map.Put(claim, i);
  }
  for (std::uint8_t i = 0; i < kClaims; ++i) {
    Claim claim;
    claim.bytes.fill(0xFF);
    claim.bytes[8] = i;
    EXPECT_EQ(map.Find(claim), i);
  }
}

TEST(ClaimMap, FindsEveryClaimAtEachSizeWhileItGrows) {
  std::mt19937_64 random(1);
  ClaimMap map;
  std::vector<Claim> claims;
  while (claims.size() < 30'000) {
    claims.push_back(RandomClaim(random));
    map.Put(claims.back(), static_cast<std::uint32_t>(claims.size() - 1));
    // The newest, and one that may have been moved.
    for (const std::size_t place : {claims.size() - 1, random() % claims.size()}) {
      ASSERT_EQ(map.Find(claims[place]), place) << "with " << claims.size() << " claims";
    }
  }
  for (std::size_t i = 0; i < claims.size(); ++i) ASSERT_EQ(map.Find(claims[i]), i);
}

TEST(ClaimMap, HoldsClaimsWhoseHashesShareTheirLastBits) {
  // Digests are never like this, but nothing may break: the directory cannot separate these.
  ClaimMap map;
  constexpr std::uint16_t kClaims = 5'000;  // more than a bucket is meant to hold
  const auto numbered = [](std::uint16_t number) {
    Claim claim;
    std::memcpy(claim.bytes.data() + 6, &number, sizeof(number));
    return claim;
  };
  for (std::uint16_t i = 0; i < kClaims; ++i) map.Put(numbered(i), i);
  ASSERT_EQ(map.size(), kClaims);
  for (std::uint16_t i = 0; i < kClaims; ++i) ASSERT_EQ(map.Find(numbered(i)), i);
}

TEST(ClaimMap, ManyAtOnceAreLikeOneAfterTheOther) {
  std::mt19937_64 random(1);
  ClaimMap map;
  ClaimMap one_by_one;
  for (const std::size_t count : {0, 1, 100, 20'000, 50'000, 20'000}) {
    std::vector<ClaimMap::Entry> entries;
    while (entries.size() < count) {
      const auto ordinal = static_cast<std::uint32_t>(map.size() + entries.size());
      // Every tenth claim is there already, with another coupon.
      const bool again = entries.size() % 10 == 9;
      entries.push_back(
          {again ? entries[random() % entries.size()].digest : RandomClaim(random), ordinal});
    }
    map.PutAll(entries);
    for (const ClaimMap::Entry& entry : entries) one_by_one.Put(entry.digest, entry.value);
    ASSERT_EQ(map.size(), one_by_one.size());
    for (const ClaimMap::Entry& entry : entries) {
      ASSERT_EQ(map.Find(entry.digest), one_by_one.Find(entry.digest));
    }
  }
}

TEST(ClaimMap, TakesLittleMoreThanTwentyBytesAClaim) {
#ifdef COUPOND_SANITIZED
  GTEST_SKIP() << "sanitizers have memory of their own beside what is held";
#endif
  std::mt19937_64 random(1);
  const test::PeakMemory memory;
  ClaimMap map;
  for (std::uint32_t ordinal = 0; ordinal < 1'000'000; ++ordinal) {
    map.Put(RandomClaim(random), ordinal);
  }
  EXPECT_LT(static_cast<double>(memory.GrowthBytes()) / 1e6, 25);
}

TEST(RequestMap, TakesLittleMoreThanThirtyTwoBytesARequest) {
#ifdef COUPOND_SANITIZED
  GTEST_SKIP() << "sanitizers have memory of their own beside what is held";
#endif
  std::mt19937_64 random(2);
  const test::PeakMemory memory;
  RequestMap map;
  for (std::uint64_t sequence = 0; sequence < 1'000'000; ++sequence) {
    map.Put(RandomClaim(random), {.sequence = Sequence(sequence), .content = random()});
  }
  EXPECT_LT(static_cast<double>(memory.GrowthBytes()) / 1e6, 38);
}

TEST(RequestMap, FindsWhatWasPut) {
  std::mt19937_64 random(3);
  RequestMap map;
  std::map<Claim, CarriedOut> model;
  for (std::uint64_t sequence = 0; sequence < 20'000; ++sequence) {
    const Claim digest = RandomClaim(random);
    const CarriedOut carried_out{.sequence = Sequence(sequence), .content = random()};
    map.Put(digest, carried_out);
    model.emplace(digest, carried_out);
  }
  for (const auto& [digest, carried_out] : model) ASSERT_EQ(map.Find(digest), carried_out);
  EXPECT_EQ(map.Find(RandomClaim(random)), std::nullopt);
}

TEST(ClaimMap, ALaterCouponOfAClaimReplacesTheEarlierOne) {
  std::mt19937_64 random(1);
  ClaimMap map;
  std::map<Claim, std::uint32_t> model;
  std::vector<Claim> claims;
  // Recent entries, sorted ones, and those of a bucket that was split.
  for (std::uint32_t ordinal = 0; ordinal < 20'000; ++ordinal) {
    const bool again = ordinal % 2 == 1;
    if (!again) claims.push_back(RandomClaim(random));
    const Claim& claim = again ? claims[random() % claims.size()] : claims.back();
    map.Put(claim, ordinal);
    model[claim] = ordinal;
    ASSERT_EQ(map.Find(claim), ordinal);
  }
  ASSERT_EQ(map.size(), claims.size());
  for (const auto& [claim, ordinal] : model) ASSERT_EQ(map.Find(claim), ordinal);
  std::size_t visited = 0;
  map.ForEach([&](const Claim&, std::uint32_t) { ++visited; });
  EXPECT_EQ(visited, claims.size());
}

}  // namespace
}  // namespace coupond

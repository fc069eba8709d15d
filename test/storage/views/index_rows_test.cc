#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/groups.h"
#include "storage/views/state_rows.h"
#include "storage/views/user_index_rows.h"

// The rows by which coupons are found by their state and by their user.
namespace coupond::storage {
namespace {

using test::Must;
using test::Outcome;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
// Numbers whose bytes end with 0 and with 0xff.
constexpr std::uint64_t kNumbers[] = {0, 1, 255, 256, 257, 0xffff, 1ULL << 40, kMax - 1, kMax};

bool IsIn(const KeyRange& range, std::string_view key) {
  return key >= range.first && key < range.end;
}

TEST(StateRows, AKeySaysWhichCouponIsInWhichState) {
  using enum CouponState;
  for (const std::uint64_t campaign : kNumbers) {
    for (const CouponState state : {kRedeemed, kVoided, kReturned}) {
      for (const std::uint64_t ordinal : kNumbers) {
        EXPECT_EQ(ParseStateKey(StateKey(CampaignNumber(campaign), state, ordinal)),
                  (CouponInState{
                      .campaign = CampaignNumber(campaign), .state = state, .ordinal = ordinal}));
      }
    }
  }
}

TEST(StateRows, ARangeHasTheKeysOfItsCampaignAndStateAlone) {
  using enum CouponState;
  for (const std::uint64_t campaign : kNumbers) {
    for (const std::uint64_t other : kNumbers) {
      for (const std::uint64_t ordinal : kNumbers) {
        for (const CouponState state : {kRedeemed, kVoided, kReturned}) {
          const std::string key = StateKey(CampaignNumber(other), state, ordinal);
          EXPECT_EQ(IsIn(StatesOf(CampaignNumber(campaign)), key), campaign == other);
          EXPECT_EQ(IsIn(OrdinalsInState(CampaignNumber(campaign), kVoided), key),
                    campaign == other && state == kVoided);
          EXPECT_TRUE(IsIn(AllStates(), key));
        }
      }
    }
  }
}

TEST(StateRows, KeysLieInTheOrderOfTheirOrdinals) {
  std::vector<std::string> keys;
  for (const std::uint64_t ordinal : kNumbers) {
    keys.push_back(StateKey(CampaignNumber(7), CouponState::kReturned, ordinal));
  }
  EXPECT_TRUE(std::ranges::is_sorted(keys));
}

TEST(StateRows, AnyOtherKeyIsNone) {
  const std::string key = StateKey(CampaignNumber(7), CouponState::kVoided, 3);
  std::string unknown_state = key;
  unknown_state[9] = 'i';
  for (const std::string& other :
       {std::string(), std::string("v"), key + "x", key.substr(0, key.size() - 1),
        "t" + key.substr(1), unknown_state}) {
    EXPECT_EQ(ParseStateKey(other), std::nullopt);
  }
}

std::vector<UserCouponRow> SomeCoupons() {
  const auto row = [](std::uint64_t user, std::uint64_t sequence, std::uint64_t campaign,
                      std::uint64_t ordinal) {
    return UserCouponRow{.user = UserDigest(user),
                         .coupon = {.sequence = Sequence(sequence),
                                    .campaign = CampaignNumber(campaign),
                                    .ordinal = ordinal}};
  };
  return {row(0, 1, 1, 0), row(kMax, 2, 1, 1), row(7, 1'000, kMax, 0xffff'ffff),
          row(7, kMax, 3, kMax)};
}

TEST(UserIndexRows, CouponsAreReadBack) {
  const std::vector<UserCouponRow> coupons = SomeCoupons();
  EXPECT_EQ(Must(DecodeUserCoupons(EncodeUserCoupons(coupons))), coupons);
  for (const UserCouponRow& coupon : coupons) {
    EXPECT_EQ(Must(DecodeUserCoupons(EncodeUserCoupons({{coupon}}))), std::vector{coupon});
  }
  EXPECT_EQ(Must(DecodeTailBegin(EncodeTailBegin(Sequence(300)))), Sequence(300));
}

TEST(UserIndexRows, TheUsersOfARowAreFoundInItsBytes) {
  for (const std::size_t count : {1U, 2U, 15U, 16U, 17U, 300U, 16'384U}) {
    std::vector<UserCouponRow> coupons;
    for (std::uint64_t i = 1; i <= count; ++i) {
      coupons.push_back(
          {.user = UserDigest(i * 0x9E3779B97F4A7C15),
           .coupon = {.sequence = Sequence(i), .campaign = CampaignNumber(i % 3), .ordinal = i}});
    }
    const std::string row = EncodeUserCoupons(coupons);
    for (const UserCouponRow& coupon : {coupons.front(), coupons[count / 2], coupons.back()}) {
      EXPECT_TRUE(MayHaveCouponsOf(coupon.user, row));
      EXPECT_FALSE(MayHaveCouponsOf(UserDigest(coupon.user.value() + 1), row));
    }
  }
}

TEST(UserIndexRows, WhatIsNoRowMayHaveAnyUser) {
  const std::string row = EncodeUserCoupons(SomeCoupons());
  ASSERT_FALSE(MayHaveCouponsOf(UserDigest(8), row));
  for (const std::string& other : {std::string(), std::string("\xff"), row.substr(0, 1),
                                   row.substr(0, 20), row.substr(1), std::string("no row")}) {
    EXPECT_TRUE(MayHaveCouponsOf(UserDigest(8), other));
    EXPECT_EQ(Outcome(DecodeUserCoupons(other)), "views_damaged");
  }
}

TEST(UserIndexRows, CouponsThatDoNotFitTogetherAreDamage) {
  using Row = v1::UserCouponsRow;
  const auto altered = [](auto change) {
    Row row;
    EXPECT_TRUE(row.ParseFromString(EncodeUserCoupons(SomeCoupons())));
    change(row);
    return Outcome(DecodeUserCoupons(row.SerializeAsString()));
  };
  EXPECT_EQ(altered([](Row&) {}), "ok");
  EXPECT_EQ(altered([](Row& row) { row.Clear(); }), "views_damaged");
  EXPECT_EQ(altered([](Row& row) { row.add_users(1); }), "views_damaged");
  EXPECT_EQ(altered([](Row& row) { row.add_sequence_steps(1); }), "views_damaged");
  EXPECT_EQ(altered([](Row& row) { row.add_campaign_numbers(1); }), "views_damaged");
  EXPECT_EQ(altered([](Row& row) { row.mutable_ordinals()->RemoveLast(); }), "views_damaged");
  EXPECT_EQ(altered([](Row& row) { row.set_sequence_steps(0, 0); }), "views_damaged");
  EXPECT_EQ(altered([](Row& row) { row.set_sequence_steps(2, 0); }), "views_damaged");
  EXPECT_EQ(altered([](Row& row) { row.set_sequence_steps(1, 1'000); }), "views_damaged")
      << "a sequence of more than 64 bits";
  EXPECT_EQ(Outcome(DecodeUserCoupons("\xff")), "views_damaged");
  EXPECT_EQ(Outcome(DecodeTailBegin("\xff")), "views_damaged");
}

TEST(UserIndexRows, KeysLieByBucketAndSequence) {
  std::vector<std::string> keys;
  for (const std::uint32_t bucket : {0U, 1U, 255U, 256U, kUserBuckets - 1}) {
    for (const std::uint64_t sequence : kNumbers) {
      keys.push_back(BucketKey(bucket, Sequence(sequence)));
      EXPECT_EQ(ParseBucketKey(keys.back()), bucket);
      EXPECT_TRUE(IsIn(AllBuckets(), keys.back()));
      for (const std::uint32_t other : {0U, 255U, kUserBuckets - 1}) {
        EXPECT_EQ(IsIn(RowsOfBucket(other), keys.back()), other == bucket);
      }
    }
  }
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  const std::string key = BucketKey(3, Sequence(4));
  std::string beyond = key;
  beyond[1] = static_cast<char>(kUserBuckets >> 8);
  for (const std::string& other : {std::string(), key + "x", key.substr(0, key.size() - 1),
                                   TailKey(Sequence(4)), "w" + key.substr(1), beyond}) {
    EXPECT_EQ(ParseBucketKey(other), std::nullopt);
  }
}

TEST(UserIndexRows, TheTailBeginsAtASequence) {
  for (const std::uint64_t begin : kNumbers) {
    for (const std::uint64_t sequence : kNumbers) {
      EXPECT_EQ(IsIn(TailFrom(Sequence(begin)), TailKey(Sequence(sequence))), sequence >= begin);
    }
  }
}

}  // namespace
}  // namespace coupond::storage

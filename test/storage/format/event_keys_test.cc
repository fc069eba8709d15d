#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/hex.h"
#include "storage/format/codec_fixture.h"
#include "storage/format/event_scan.h"

/// The ids of the keys with which the events' commands were allowed.
namespace coupond::storage {
namespace {

using test::At;
using test::Outcome;
using testing::HasSubstr;

constexpr KeyId kKey{0x6b32'7039'7837'7164};
const std::string kCoupon = Field(3, Field(1, 1) + Field(2, 5));

CommitGroup Coupons(std::vector<KeyId> keys) {
  CommitGroup group{GroupNumber(2), Sequence(3), At(0), {}};
  for (std::uint64_t serial = 1; serial <= 3; ++serial) {
    group.events.emplace_back(
        CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(serial)});
  }
  group.keys = std::move(keys);
  return group;
}
bool IsCommanded(const Event& event) {
  return !std::holds_alternative<StoreCreated>(event) &&
         !std::holds_alternative<StoreRestored>(event) &&
         !std::holds_alternative<ErasureFinished>(event);
}
std::string Message(const Result<CommitGroup>& decoded) {
  return decoded ? "ok" : decoded.error().message;
}

TEST(EventKeys, WithAndWithoutThemAGroupIsReadBackEqual) {
  const std::vector<std::vector<KeyId>> cases = {{},
                                                 {kKey, kKey, kKey},
                                                 {kNoKey, KeyId(1), kNoKey},
                                                 {KeyId(~0ULL), kNoKey, kNoKey},
                                                 {kNoKey, kNoKey, kKey}};
  for (const std::vector<KeyId>& keys : cases) {
    const CommitGroup group = Coupons(keys);
    EXPECT_EQ(Decode(Encode(group)), group);
  }
}

TEST(EventKeys, EveryKindThatACallerAsksForMayHaveOne) {
  CommitGroup group = AllKinds();
  for (const Event& event : group.events) group.keys.push_back(IsCommanded(event) ? kKey : kNoKey);
  EXPECT_EQ(Decode(Encode(group)), group);
}

TEST(EventKeys, AnEventWithoutOneKeepsItsBytes) {
  const std::string without = PayloadOf(Coupons({}));
  const std::string before = "080210031900002a36fe9c9717";
  EXPECT_EQ(Hex(without), before + "22061a0408011001" + "22061a0408011002" + "22061a0408011003");
  EXPECT_EQ(Hex(PayloadOf(Coupons({kNoKey, kKey, kNoKey}))),
            before + "22061a0408011001" + "22101a0408011002" + "f901647137783970326b" +
                "22061a0408011003");
}

TEST(EventKeys, TheKeyOfNobodyIsRefused) {
  const std::string zero = kCoupon + HighFixedField(31, '\0');
  ASSERT_EQ(Outcome(DecodeParts(GroupWith(kCoupon + HighFixedField(31, 'k')))), "ok");
  EXPECT_EQ(Outcome(DecodeParts(GroupWith(zero))), "log_undecodable");
  EXPECT_THAT(Message(DecodeParts(GroupWith(zero))), HasSubstr("the key_id of no key"));
}

TEST(EventKeys, TwoOfThemAreRefused) {
  const std::string key = HighFixedField(31, 'k');
  EXPECT_THAT(Message(DecodeParts(GroupWith(kCoupon + key + key))), HasSubstr("there twice"));
}

TEST(EventKeys, Format1HasNone) {
  const std::string payload = GroupWith(kCoupon + HighFixedField(31, 'k'));
  EXPECT_THAT(Message(DecodeParts(payload, {}, RecordFormat::k1)), HasSubstr("of format 2"));
}

TEST(EventKeys, WhatNoCallerAsksForHasNone) {
  const std::string key = HighFixedField(31, 'k');
  const std::string id(16, 'x');
  for (const std::string& event : {Field(1, Field(1, id) + Field(2, id) + Field(3, 2)),
                                   Field(13, Field(1, 5)), HighField(17, Field(1, 5))}) {
    ASSERT_EQ(Message(DecodeParts(GroupWith(event))), "ok");
    EXPECT_THAT(Message(DecodeParts(GroupWith(event + key))), HasSubstr("no caller asks for"));
  }
}

TEST(EventKeys, AScanFindsAnErasureWithOne) {
  CommitGroup group = Coupons({kKey, kKey, kKey});
  EXPECT_FALSE(TellsOfMissingTexts(PayloadOf(group)));
  group.events.emplace_back(UserErased{.campaign = CampaignNumber(1), .serials = {Serial(1)}});
  group.keys.push_back(kKey);
  EXPECT_TRUE(TellsOfMissingTexts(PayloadOf(group)));
  // No writer puts it before the kind; whoever decodes the group sees what it is.
  EXPECT_TRUE(TellsOfMissingTexts(GroupWith(HighFixedField(31, 'k') + kCoupon)));
}

}  // namespace
}  // namespace coupond::storage

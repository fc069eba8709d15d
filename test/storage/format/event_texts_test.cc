#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <variant>

#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/format/codec_fixture.h"

// Records without the texts of erased users.
namespace coupond::storage {
namespace {

using test::Outcome;

/// Five coupons, of which 2 and 4 are of users, and another event before them.
CommitGroup SomeCoupons() {
  CommitGroup group = test::CouponsAfter(
      {.group = GroupNumber(1), .sequence = Sequence(1), .time = {}, .hash = {}}, 5);
  group.events.insert(group.events.begin(), CampaignArchived{.campaign = CampaignNumber(2)});
  return group;
}

Result<std::optional<std::string>> Without(std::set<std::uint64_t> serials,
                                           std::string_view record) {
  return EventCodec().WithoutTexts(
      record, [&serials](Serial serial) { return serials.contains(serial.value()); });
}

/// Returns the record of the group without the texts of these coupons, as it is written.
std::string EncodedWithout(std::set<std::uint64_t> serials, CommitGroup group) {
  for (Event& event : group.events) {
    auto* const issued = std::get_if<CouponIssued>(&event);
    if (issued != nullptr && serials.contains(issued->serial.value())) issued->user_id.clear();
  }
  return Encode(group);
}

TEST(EventTexts, OnlyTheNamedOnesGo) {
  const CommitGroup group = SomeCoupons();
  const std::string record = Encode(group);
  ASSERT_EQ(std::get<CouponIssued>(group.events[2]).user_id, "user-2");
  ASSERT_EQ(std::get<CouponIssued>(group.events[4]).user_id, "user-4");
  EXPECT_EQ(Without({2}, record).value(), EncodedWithout({2}, group));
  EXPECT_EQ(Without({4}, record).value(), EncodedWithout({4}, group));
  EXPECT_EQ(Without({2, 4}, record).value(), EncodedWithout({2, 4}, group));
  EXPECT_EQ(Without({1, 3, 4, 99}, record).value(), EncodedWithout({4}, group));
}

TEST(EventTexts, HashAndPayloadStay) {
  const std::string record = Encode(SomeCoupons());
  const std::string without = Without({2}, record).value().value();
  EXPECT_EQ(ParseRecord(without)->hash, ParseRecord(record)->hash);
  EXPECT_EQ(ParseRecord(without)->payload, ParseRecord(record)->payload);
  EXPECT_EQ(without.find("user-2"), std::string::npos);
  v1::Holders holders;
  ASSERT_TRUE(holders.ParseFromString(std::string(ParseRecord(without)->holders)));
  ASSERT_EQ(holders.holders_size(), 1);
  EXPECT_EQ(holders.holders(0).user_id(), "user-4");
  EXPECT_EQ(ParseRecord(*Without({2, 4}, record).value())->holders, "");
}

TEST(EventTexts, ARecordThatHasNoneOfThemStaysAsItIs) {
  const std::string record = Encode(SomeCoupons());
  EXPECT_EQ(Without({}, record).value(), std::nullopt);
  EXPECT_EQ(Without({1, 3, 99}, record).value(), std::nullopt);
  EXPECT_EQ(Without({2}, *Without({2}, record).value()).value(), std::nullopt);
  EXPECT_EQ(
      Without({1},
              Encode(test::AnonymousCouponsAfter(
                  {.group = GroupNumber(1), .sequence = Sequence(1), .time = {}, .hash = {}}, 3)))
          .value(),
      std::nullopt);
}

TEST(EventTexts, ACodecMayBeUsedAgain) {
  EventCodec codec;
  const CommitGroup group = SomeCoupons();
  const std::string record = Encode(group);
  for (const std::uint64_t serial : {2, 4, 2}) {
    EXPECT_EQ(
        codec.WithoutTexts(record, [&](Serial coupon) { return coupon == Serial(serial); }).value(),
        EncodedWithout({serial}, group));
  }
  std::string written;
  codec.Write(group, GroupHash{}, written);
  EXPECT_EQ(written, record);
}

TEST(EventTexts, WhatCannotBeDecodedIsRefused) {
  std::string record = Encode(SomeCoupons());
  EXPECT_EQ(Outcome(Without({2}, record.substr(0, kRecordHeadBytes - 1))), "log_undecodable");
  EXPECT_EQ(Outcome(Without({2}, record.substr(0, record.size() - 1))), "log_undecodable");
  record[kRecordHeadBytes] = '\xff';
  EXPECT_EQ(Outcome(Without({2}, record)), "log_undecodable");
}

}  // namespace
}  // namespace coupond::storage

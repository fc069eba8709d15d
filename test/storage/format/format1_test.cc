#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "storage/format/codec_fixture.h"
#include "storage/format/record_check.h"

/// Records of format 1, which only an upgrade reads.
namespace coupond::storage {
namespace {

using test::Outcome;

constexpr std::string_view kDigest = "0123456789abcdef";
const std::string kCoupon = Field(1, 1) + Field(2, 5);

Result<CommitGroup> DecodeFormat1(const std::string& payload) {
  return DecodeParts(payload, {}, RecordFormat::k1);
}
/// Returns the coupon of a group of format 1 with a coupon that has these fields too.
CouponIssued ReadCoupon(const std::string& fields) {
  const auto group = test::Must(DecodeFormat1(GroupWith(Field(3, kCoupon + fields))));
  if (group.events.empty()) return {};
  return std::get<CouponIssued>(group.events.front());
}
std::string Text(const std::optional<Claim>& digest) {
  return digest ? std::string(digest->bytes.begin(), digest->bytes.end()) : "none";
}

TEST(Format1, TheClaimOfAUserIsTheHolder) {
  const CouponIssued issued =
      ReadCoupon(Field(3, std::string(kDigest)) + Field(4, std::string("민지")));
  EXPECT_EQ(Text(issued.holder), kDigest);
  EXPECT_EQ(Text(issued.request_key), "none");
  EXPECT_EQ(issued.user_id, "민지");
}

TEST(Format1, TheClaimOfARequestIsTheRequestKey) {
  const CouponIssued issued = ReadCoupon(Field(3, std::string(kDigest)));
  EXPECT_EQ(Text(issued.holder), "none");
  EXPECT_EQ(Text(issued.request_key), kDigest);
  EXPECT_EQ(issued.user_id, "");
}

TEST(Format1, AnAnonymousCouponHasNeither) {
  EXPECT_EQ(ReadCoupon(""), (CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(5)}));
}

TEST(Format1, AUserWithoutAClaimIsRefused) {
  EXPECT_EQ(Outcome(DecodeFormat1(GroupWith(Field(3, kCoupon + Field(4, std::string("a")))))),
            "log_undecodable");
}

TEST(Format1, ARecordIsItsHashAndItsPayload) {
  const std::string payload = GroupWith(Field(3, kCoupon));
  const std::string record = std::string(32, 'h') + payload;
  const Result<CommitRecord> parsed = ParseRecord(record, RecordFormat::k1);
  ASSERT_EQ(Outcome(parsed), "ok");
  EXPECT_EQ(parsed->payload, payload);
  EXPECT_EQ(parsed->holders, "");
  EXPECT_EQ(Outcome(ParseRecord(std::string(32, 'h'), RecordFormat::k1)), "log_undecodable");
  EXPECT_EQ(Outcome(ParseRecord(record)), "log_undecodable");
}

TEST(Format1, AChainOfItsRecordsIsFollowed) {
  CommitGroup first = test::FirstGroup();
  std::get<StoreCreated>(first.events.front()).format_version = 1;
  const std::string payload = PayloadOf(first);
  const GroupHash hash = ChainHash({}, payload);
  RecordChain chain({}, RecordFormat::k1);
  const auto taken = chain.Take(std::string(hash.begin(), hash.end()) + payload);
  ASSERT_TRUE(taken) << taken.error().detail;
  EXPECT_EQ(taken->group, first);
}

TEST(Format1, FieldsOfTheOtherFormatAreRefused) {
  const std::string digest(kDigest);
  const std::string campaign =
      Field(1, 1) + Field(2, digest) + Field(3, std::string("n")) + Field(4, 10) + Field(6, 1);
  const std::string request = HighField(16, digest) + HighFixedField(17, 'c');
  const std::string update = Field(1, 1) + Field(3, 5);
  std::vector<std::string> only_in_2 = {
      Field(3, kCoupon + Field(5, digest)), Field(3, kCoupon + Field(6, digest)),
      Field(2, campaign + request), Field(5, update + request), Field(12, kCoupon + Field(9, 1))};
  for (const std::string& term : {Field(10, 2), Field(11, 1), FixedField(12, 'a'),
                                  FixedField(13, 'a'), Field(14, 5), Field(15, 1)}) {
    only_in_2.push_back(Field(2, campaign + term));
    only_in_2.push_back(Field(5, update + term));
  }
  for (const std::string& event : only_in_2) {
    EXPECT_EQ(Outcome(DecodeParts(GroupWith(event))), "ok") << testing::PrintToString(event);
    EXPECT_EQ(Outcome(DecodeFormat1(GroupWith(event))), "log_undecodable")
        << testing::PrintToString(event);
  }
  for (const std::string& event :
       {Field(3, kCoupon + Field(3, digest)),
        Field(3, kCoupon + Field(3, digest) + Field(4, std::string("a")))}) {
    EXPECT_EQ(Outcome(DecodeFormat1(GroupWith(event))), "ok");
    EXPECT_EQ(Outcome(DecodeParts(GroupWith(event))), "log_undecodable");
  }
  for (const std::string& event : {Field(2, campaign), Field(5, update), Field(12, kCoupon)}) {
    EXPECT_EQ(Outcome(DecodeFormat1(GroupWith(event))), "ok");
  }
}

TEST(Format1, AKindOfTheOtherFormatIsRefused) {
  const std::string restored = Field(13, Field(1, 5));
  EXPECT_EQ(Outcome(DecodeParts(GroupWith(restored))), "ok");
  EXPECT_EQ(Outcome(DecodeFormat1(GroupWith(restored))), "log_undecodable");
}

}  // namespace
}  // namespace coupond::storage

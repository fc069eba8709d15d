#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/rules/limits.h"
#include "storage/format/codec_fixture.h"

namespace coupond::storage {
namespace {

using test::Outcome;

/// A payload, and a part of the message with which it is refused.
struct RefusedCase {
  std::string what;
  std::string payload;
  std::string message;
};

void ExpectRefused(std::span<const RefusedCase> cases) {
  for (const RefusedCase& refused : cases) {
    SCOPED_TRACE(refused.what);
    const Result<CommitGroup> decoded = DecodeParts(refused.payload);
    EXPECT_EQ(Outcome(decoded), "log_undecodable");
    if (!decoded) {
      EXPECT_THAT(decoded.error().message, testing::HasSubstr(refused.message));
    }
  }
}

TEST(EventCodecRefusals, WhatIsNotFullyUnderstoodIsRefusedByName) {
  const std::string id(16, 'x');
  const std::string coupon = Field(1, 1) + Field(2, 5);
  ASSERT_EQ(Outcome(DecodeParts(GroupWith(Field(3, coupon)))), "ok");
  const std::string campaign =
      Field(1, 1) + Field(2, id) + Field(3, std::string("n")) + Field(4, 10) + Field(6, 1);
  ASSERT_EQ(Outcome(DecodeParts(GroupWith(Field(2, campaign)))), "ok");

  const std::string content = FixedField(7, 'c');
  const std::string entry = Field(9, Field(1, std::string("k")));
  ASSERT_EQ(Outcome(DecodeParts(GroupWith(Field(2, campaign + entry)))), "ok");

  const RefusedCase cases[] = {
      {"not protobuf", "\xff\xff", "not a commit group"},
      {"no bytes", "", "no group number"},
      {"no number", Field(2, 2) + Field(4, Field(3, coupon)), "no group number"},
      {"no sequence", Field(1, 2) + Field(4, Field(3, coupon)), "no first_sequence"},
      {"no events", Field(1, 2) + Field(2, 2), "no events"},
      {"unknown group field", GroupWith(Field(3, coupon)) + Field(9, 1), "a field that"},
      {"unknown kind", GroupWith(HighField(18, "new")), "of a kind, or"},
      {"unknown kind beside a known one", GroupWith(Field(3, coupon) + HighField(18, "new")),
       "of a kind, or"},
      {"no kind", GroupWith(""), "without a kind"},
      {"two kinds", GroupWith(Field(3, coupon) + Field(4, Field(1, 1))), "there twice"},
      {"two serials", GroupWith(Field(3, coupon + Field(2, 6))), "there twice"},
      {"unknown coupon field", GroupWith(Field(3, coupon + Field(9, 1))), "coupon_issued has a fi"},
      {"coupon without campaign", GroupWith(Field(3, Field(2, 5))), "no campaign_number"},
      {"coupon without serial", GroupWith(Field(3, Field(1, 1))), "no serial"},
      {"short holder", GroupWith(Field(3, coupon + Field(5, std::string("abc")))), "holder is not"},
      {"empty holder", GroupWith(Field(3, coupon + Field(5, std::string()))), "holder is not"},
      {"short request key of a coupon", GroupWith(Field(3, coupon + Field(6, std::string("abc")))),
       "request_key is not"},
      {"campaign without id",
       GroupWith(Field(2, Field(1, 1) + Field(3, std::string("n")) + Field(4, 10) + Field(6, 1))),
       "campaign_id is not"},
      {"campaign without name",
       GroupWith(Field(2, Field(1, 1) + Field(2, id) + Field(4, 10) + Field(6, 1))), "no name"},
      {"campaign without coupons",
       GroupWith(Field(2, Field(1, 1) + Field(2, id) + Field(3, std::string("n")) + Field(6, 1))),
       "no coupons"},
      {"unknown campaign field", GroupWith(Field(2, campaign + HighField(18, "x"))),
       "campaign_created"},
      {"metadata without a key",
       GroupWith(Field(2, campaign + Field(9, Field(2, std::string("v"))))), "without a key"},
      {"metadata twice", GroupWith(Field(2, campaign + entry + entry)), "order of its keys"},
      {"unknown metadata field",
       GroupWith(Field(2, campaign + Field(9, Field(1, std::string("k")) + Field(3, 1)))),
       "metadata has a field"},
      {"update of nothing", GroupWith(Field(5, Field(1, 1))), "changes nothing"},
      {"update without campaign", GroupWith(Field(5, Field(3, 5))), "no campaign_number"},
      {"update to no name", GroupWith(Field(5, Field(1, 1) + Field(2, std::string()))), "no name"},
      {"update to no coupons", GroupWith(Field(5, Field(1, 1) + Field(3, char{0}))), "no coupons"},
      {"update with serials of no number",
       GroupWith(Field(5, Field(1, 1) + Field(3, 5) + Field(8, 1))), "adds no serials"},
      {"update with serials from nowhere",
       GroupWith(Field(5, Field(1, 1) + Field(3, 5) + Field(9, 1))), "no first serial"},
      {"pause of nothing", GroupWith(Field(6, Field(1, 1))), "neither issuing nor redeeming"},
      {"resumption of nothing", GroupWith(Field(7, Field(1, 1))), "neither issuing nor redeeming"},
      {"archiving of nothing", GroupWith(Field(8, std::string())), "no campaign_number"},
      {"redemption of nothing", GroupWith(Field(10, Field(1, 1))), "no serial"},
      {"redemption without campaign", GroupWith(Field(10, Field(2, 5))), "no campaign_number"},
      {"half a request key", GroupWith(Field(10, coupon + Field(6, id))), "half a request key"},
      {"short request key", GroupWith(Field(10, coupon + Field(6, std::string("abc")) + content)),
       "request_key is not"},
      {"cancellation of nothing", GroupWith(Field(11, coupon)), "no redemption"},
      {"voiding of nothing", GroupWith(Field(12, std::string())), "no campaign_number"},
      {"serials for a kept place", GroupWith(Field(12, coupon + Field(5, 1) + Field(6, 1))),
       "returns no place"},
      {"serials of no number for a returned place",
       GroupWith(Field(12, coupon + Field(3, 1) + Field(5, 1))), "adds no serials"},
      {"restored store without serials", GroupWith(Field(13, std::string())), "no first_serial"},
      {"restored store with serials from nowhere", GroupWith(Field(13, Field(1, char{0}))),
       "no first_serial"},
      {"unknown field of a restored store", GroupWith(Field(13, Field(1, 5) + Field(2, 1))),
       "store_restored has a field"},
      {"two restored serials", GroupWith(Field(13, Field(1, 5) + Field(1, 6))), "there twice"},
      {"batch without campaign", GroupWith(Field(14, Field(2, 5))), "no campaign_number"},
      {"batch without coupons", GroupWith(Field(14, Field(1, 1))), "no coupons"},
      {"half a request key of a batch", GroupWith(Field(14, coupon + Field(3, id))),
       "half a request key"},
      {"short request key of a batch",
       GroupWith(Field(14, coupon + Field(3, std::string("abc")) + FixedField(4, 'c'))),
       "request_key is not"},
      {"unknown field of a batch", GroupWith(Field(14, coupon + Field(5, 1))),
       "batch_issued has a field"},
      {"unknown field of a clock reset", GroupWith(Field(15, FixedField(1, 't') + Field(2, 1))),
       "clock_reset has a field"},
      {"two times of a clock reset", GroupWith(Field(15, FixedField(1, 't') + FixedField(1, 'u'))),
       "there twice"},
      {"deletion of nothing", GroupWith(Field(4, std::string())), "no campaign_number"},
      {"store without key", Field(1, 1) + Field(2, 1) + Field(4, Field(1, Field(1, id))),
       "code_key is not"},
      {"store without version",
       Field(1, 1) + Field(2, 1) + Field(4, Field(1, Field(1, id) + Field(2, id))),
       "no format_version"},
  };
  ExpectRefused(cases);
}

TEST(EventCodecRefusals, AnErasureNamesItsCouponsOnceAndInOrder) {
  const std::string id(16, 'x');
  const std::string campaign = Field(1, 7);
  const auto serials = [](std::string_view packed) { return Field(2, std::string(packed)); };
  const auto erased = [](const std::string& fields) { return GroupWith(HighField(16, fields)); };
  ASSERT_EQ(Outcome(DecodeParts(erased(campaign + serials("\x05\x06")))), "ok");
  ASSERT_EQ(Outcome(DecodeParts(GroupWith(HighField(17, Field(1, 5))))), "ok");
  const RefusedCase cases[] = {
      {"no campaign", erased(serials("\x05")), "no campaign_number"},
      {"no serials", erased(campaign), "user_erased has no serials"},
      {"a list of no serials", erased(campaign + serials("")), "user_erased has no serials"},
      {"the same serial twice", erased(campaign + serials("\x05\x05")), "do not ascend"},
      {"serials in another order", erased(campaign + serials("\x06\x05")), "do not ascend"},
      {"serial 0", erased(campaign + serials({"\0\1", 2})), "do not ascend"},
      {"two lists", erased(campaign + serials("\x05") + serials("\x06")), "there twice"},
      {"a claims_freed that is false", erased(campaign + serials("\x05") + Field(3, char{0})),
       "more bytes than"},
      {"half a request key", erased(campaign + serials("\x05") + Field(4, id)),
       "half a request key"},
      {"the other half", erased(campaign + serials("\x05") + FixedField(5, 'c')),
       "half a request key"},
      {"short request key",
       erased(campaign + serials("\x05") + Field(4, std::string("abc")) + FixedField(5, 'c')),
       "request_key is not"},
      {"unknown field", erased(campaign + serials("\x05") + Field(6, 1)),
       "user_erased has a field"},
      {"the end of nothing", GroupWith(HighField(17, "")), "erasure_finished has no erasure"},
      {"the end of erasure 0", GroupWith(HighField(17, Field(1, char{0}))), "no erasure"},
      {"unknown field of an end", GroupWith(HighField(17, Field(1, 5) + Field(2, 1))),
       "erasure_finished has a field"},
  };
  ExpectRefused(cases);
}

TEST(EventCodecRefusals, AnErasureNamesNoMoreCouponsThanAllowed) {
  v1::CommitGroup payload;
  ASSERT_TRUE(payload.ParseFromString(GroupWith(HighField(16, Field(1, 7)))));
  v1::UserErased& erased = *payload.mutable_events(0)->mutable_user_erased();
  for (std::size_t i = 1; i <= limits::kErasedCouponsMax; ++i) erased.add_serials(i);
  EXPECT_EQ(Outcome(DecodeParts(payload.SerializeAsString())), "ok");
  erased.add_serials(limits::kErasedCouponsMax + 1);
  const RefusedCase cases[] = {{"one more", payload.SerializeAsString(), "too many serials"}};
  ExpectRefused(cases);
}

/// A campaign may be written in one way only, so that equal groups have equal bytes.
TEST(EventCodecRefusals, ATermThatSaysNothingIsLeftOut) {
  const std::string id(16, 'x');
  const std::string campaign =
      Field(1, 1) + Field(2, id) + Field(3, std::string("n")) + Field(4, 10) + Field(6, 1);
  const std::string largest = std::string(8, '\xff') + '\x7f';  // 2^63 - 1 as a varint
  const std::string never = std::string(7, '\xff') + '\x7f';    // and as eight bytes
  const std::string always = std::string(7, '\0') + '\x80';
  const auto created = [&](const std::string& term) {
    return GroupWith(Field(2, campaign + term));
  };
  const std::string fixed_13(1, 13 << 3 | 1);
  const std::string fixed_12(1, 12 << 3 | 1);
  const std::string fixed_7(1, 7 << 3 | 1);
  const std::string varint_14(1, 14 << 3);
  const RefusedCase cases[] = {
      {"one coupon for each user", created(Field(10, 1)), "coupons_per_user 1"},
      {"no coupons for each user", created(Field(10, char{0})), "more bytes than it takes"},
      {"a user_required that is false", created(Field(11, char{0})), "more bytes than it takes"},
      {"an end that is never", created(fixed_7 + never), "stands for no end"},
      {"a redeem_start_time that is always", created(fixed_12 + always), "stands for none"},
      {"an expire_time that is never", created(fixed_13 + never), "stands for none"},
      {"a valid_duration that is endless", created(varint_14 + largest), "stands for none"},
      {"a valid_duration beyond 63 bits", created(varint_14 + std::string(9, '\xff') + '\x01'),
       "beyond 63 bits"},
      {"update to no coupons for a user", GroupWith(Field(5, Field(1, 1) + Field(10, char{0}))),
       "coupons_per_user 0"},
      {"update to a duration of nothing", GroupWith(Field(5, Field(1, 1) + Field(14, char{0}))),
       "no valid_duration"},
      {"half a request key of a campaign", created(HighField(16, id)), "half a request key"},
      {"the other half", created(HighFixedField(17, 'c')), "half a request key"},
      {"a claim_freed that is false",
       GroupWith(Field(12, Field(1, 1) + Field(2, 5) + Field(9, char{0}))),
       "more bytes than it takes"},
  };
  ExpectRefused(cases);
  EXPECT_EQ(Outcome(DecodeParts(created(Field(10, 2)))), "ok");
}

/// They are kept for servers that replicate the log.
TEST(EventCodecRefusals, ReservedFieldsAreRefused) {
  const std::string coupon = Field(3, Field(1, 1) + Field(2, 5));
  const RefusedCase cases[] = {
      {"term", GroupWith(coupon) + Field(5, 1), "a field that"},
      {"leader", GroupWith(coupon) + Field(6, std::string("l")), "a field that"},
  };
  ExpectRefused(cases);
}

}  // namespace
}  // namespace coupond::storage

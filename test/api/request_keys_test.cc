#include "api/request_keys.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <ios>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/batches/batch_mapping.h"
#include "api/change_mapping.h"
#include "api/command_mapping.h"
#include "api/redeem_mapping.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;

CreateCampaign AllTerms() {
  return {.id = test::Id(1),
          .name = "one",
          .total_coupons = 7,
          .start_time = At(5),
          .end_time = At(50),
          .description = "text",
          .metadata = {{.key = "k", .value = "v"}},
          .coupons_per_user = 3,
          .user_required = true,
          .redeem_start_time = At(6),
          .expire_time = At(60),
          .valid_duration = std::chrono::seconds(9),
          .redeem_by_holder_only = true};
}

TEST(RequestKeys, EveryTermOfANewCampaignIsAskedFor) {
  using Change = void (*)(CreateCampaign&);
  const std::vector<Change> changes = {
      [](CreateCampaign& command) { command.name = "two"; },
      [](CreateCampaign& command) { command.total_coupons = 8; },
      [](CreateCampaign& command) { command.start_time = At(6); },
      [](CreateCampaign& command) { command.start_time = At(5).Since(Timestamp()); },
      [](CreateCampaign& command) { command.start_time.reset(); },
      [](CreateCampaign& command) { command.end_time = At(51); },
      [](CreateCampaign& command) { command.end_time = kNever; },
      [](CreateCampaign& command) { command.description.clear(); },
      [](CreateCampaign& command) { command.metadata.front().value = "w"; },
      [](CreateCampaign& command) { command.metadata.clear(); },
      [](CreateCampaign& command) { command.coupons_per_user = 1; },
      [](CreateCampaign& command) { command.coupons_per_user = 4; },
      [](CreateCampaign& command) { command.user_required = false; },
      [](CreateCampaign& command) { command.redeem_start_time = kAlways; },
      [](CreateCampaign& command) { command.expire_time = kNever; },
      [](CreateCampaign& command) { command.expire_time = At(61); },
      [](CreateCampaign& command) { command.valid_duration = kUnlimited; },
      [](CreateCampaign& command) { command.redeem_by_holder_only = false; },
  };
  std::set<std::string> contents = {ContentOf(AllTerms())};
  for (const Change change : changes) {
    CreateCampaign command = AllTerms();
    change(command);
    contents.insert(ContentOf(command));
  }
  EXPECT_EQ(contents.size(), changes.size() + 1);
}

TEST(RequestKeys, HowACampaignIsAskedForIsNotWhatIsAskedFor) {
  CreateCampaign command = AllTerms();
  command.id = test::Id(2);
  command.name_as_sent = " one";
  command.validate_only = true;
  command.request = test::RequestOf(1);
  EXPECT_EQ(ContentOf(command), ContentOf(AllTerms()));
}

TEST(RequestKeys, EveryChangeOfACampaignIsAskedFor) {
  using Change = void (*)(UpdateCampaign&);
  const std::vector<Change> changes = {
      [](UpdateCampaign& command) { command.campaign_id = test::Id(2); },
      [](UpdateCampaign& command) { command.if_revision = Sequence(7); },
      [](UpdateCampaign& command) { command.changes.name = "two"; },
      [](UpdateCampaign& command) { command.changes.total_coupons = 8; },
      [](UpdateCampaign& command) { command.changes.start_time = At(6); },
      [](UpdateCampaign& command) { command.changes.end_time = kNever; },
      [](UpdateCampaign& command) { command.changes.description = ""; },
      [](UpdateCampaign& command) { command.changes.metadata.emplace(); },
      [](UpdateCampaign& command) { command.changes.coupons_per_user = 1; },
      [](UpdateCampaign& command) { command.changes.user_required = false; },
      [](UpdateCampaign& command) { command.changes.redeem_start_time = kAlways; },
      [](UpdateCampaign& command) { command.changes.expire_time = kNever; },
      [](UpdateCampaign& command) { command.changes.valid_duration = kUnlimited; },
      [](UpdateCampaign& command) { command.changes.redeem_by_holder_only = false; },
  };
  std::set<std::string> contents = {ContentOf(test::Update(1, {}))};
  for (const Change change : changes) {
    UpdateCampaign command = test::Update(1, {});
    change(command);
    contents.insert(ContentOf(command));
  }
  EXPECT_EQ(contents.size(), changes.size() + 1) << "what is set, not what it is set to";
}

// Logs have digests of these bytes, so a later version must make the same of the same request.
TEST(RequestKeys, TheBytesStayAsTheyAre) {
  EXPECT_EQ(ContentOf(CreateCampaign{.id = test::Id(1),
                                     .name = "one",
                                     .total_coupons = 7,
                                     .start_time = std::chrono::nanoseconds(0)}),
            "4:name3:one13:total_coupons1:78:start_in1:0");
  EXPECT_EQ(ContentOf(test::Update(
                1, {.metadata = std::vector<MetadataEntry>{{.key = "k", .value = "v"}}})),
            "2:id36:01000000-0000-0000-0000-0000000000fe8:metadata6:1:k1:v");
}

TEST(RequestKeys, TheBytesOfEveryTermStayAsTheyAre) {
  EXPECT_EQ(ContentOf(AllTerms()),
            "4:name3:one13:total_coupons1:7"
            "10:start_time19:17000000050000000008:end_time19:1700000050000000000"
            "11:description4:text8:metadata6:1:k1:v"
            "16:coupons_per_user1:313:user_required1:1"
            "17:redeem_start_time19:170000000600000000011:expire_time19:1700000060000000000"
            "14:valid_duration10:900000000021:redeem_by_holder_only1:1");
}

TEST(RequestKeys, TheBytesOfEveryChangeStayAsTheyAre) {
  UpdateCampaign command =
      test::Update(1, {.name = "two",
                       .total_coupons = 8,
                       .start_time = At(5),
                       .end_time = At(50),
                       .description = "text",
                       .metadata = std::vector<MetadataEntry>{{.key = "k", .value = "v"}},
                       .coupons_per_user = 3,
                       .user_required = true,
                       .redeem_start_time = At(6),
                       .expire_time = At(60),
                       .valid_duration = std::chrono::seconds(9),
                       .redeem_by_holder_only = false});
  command.if_revision = Sequence(7);
  EXPECT_EQ(ContentOf(command),
            "2:id36:01000000-0000-0000-0000-0000000000fe11:if_revision1:7"
            "4:name3:two13:total_coupons1:8"
            "10:start_time19:17000000050000000008:end_time19:1700000050000000000"
            "11:description4:text8:metadata6:1:k1:v"
            "16:coupons_per_user1:313:user_required1:1"
            "17:redeem_start_time19:170000000600000000011:expire_time19:1700000060000000000"
            "14:valid_duration10:900000000021:redeem_by_holder_only1:0");
}

/// Checks the key of a request with the request_id "r1".
void ExpectKey(const std::optional<RequestKey>& key, std::uint64_t content) {
  constexpr Claim kDigest{.bytes = {0x44, 0xa4, 0x63, 0x58, 0x4e, 0x4a, 0xb9, 0xb5, 0xfd, 0x62,
                                    0x3b, 0x82, 0xa0, 0x18, 0x1b, 0x88}};
  ASSERT_TRUE(key);
  EXPECT_EQ(key->digest, kDigest);
  EXPECT_EQ(key->content, content) << std::hex << key->content;
}

TEST(RequestKeys, TheKeyOfEachMethodStaysAsItIs) {
  const CouponCodec codec{CodeKey{}};
  ClaimDigest claims{CodeKey{}};
  const CouponKeys keys{.codec = codec, .claims = claims};

  coupon::v1::CreateCampaignRequest create;
  create.set_name("one");
  create.set_total_coupons(7);
  create.mutable_start_in();
  create.set_request_id("r1");
  ExpectKey(MapCreateCampaign(create, claims, {}).value().request, 0xb81142e33e71436a);

  coupon::v1::UpdateCampaignRequest update;
  update.mutable_campaign()->set_id(FormatUuid(test::Id(1).bytes));
  update.mutable_campaign()->set_total_coupons(8);
  update.set_request_id("r1");
  ExpectKey(MapChange(update, claims, {}).value().request, 0x02b9b5bb8ab24a49);

  coupon::v1::RedeemCouponRequest redeem;
  redeem.set_code(codec.Encode(Serial(5)));
  redeem.set_order_ref("4711");
  redeem.set_user_id("kim");
  redeem.set_redeemed_by("till");
  redeem.set_request_id("r1");
  ExpectKey(MapRedeemCoupon(redeem, keys).value().command.request, 0xb7f8ee5f4bc4fec7);

  coupon::v1::CancelRedemptionRequest cancel;
  cancel.set_code(redeem.code());
  cancel.set_reason("returned");
  cancel.set_request_id("r1");
  cancel.set_redemption_sequence(52);
  ExpectKey(MapCancelRedemption(cancel, keys).value().request, 0x2f6b43e78e16893f);
  cancel.set_redemption_request_id("r0");
  cancel.clear_redemption_sequence();
  ExpectKey(MapCancelRedemption(cancel, keys).value().request, 0x7954554fad7b52c2);

  coupon::v1::VoidCouponRequest voiding;
  voiding.set_code(redeem.code());
  voiding.set_reason("lost");
  voiding.set_request_id("r1");
  ExpectKey(MapVoidCoupon(voiding, keys).value().request, 0x9716c605063924f7);
  voiding.set_return_to_pool(true);
  voiding.set_free_claim(true);
  ExpectKey(MapVoidCoupon(voiding, keys).value().request, 0x01ba3686e8a095dc);

  coupon::v1::BatchIssueCouponsRequest batch;
  batch.set_campaign_id(FormatUuid(test::Id(1).bytes));
  batch.set_count(3);
  batch.set_request_id("r1");
  ExpectKey(MapBatchIssueCoupons(batch, claims).value().command.request, 0xb806eddb84e65813);
  batch.clear_count();
  batch.add_user_ids("kim");
  batch.add_user_ids("ｌｅｅ");
  batch.set_allow_partial(true);
  ExpectKey(MapBatchIssueCoupons(batch, claims).value().command.request, 0xcf785b54521214c2);
}

}  // namespace
}  // namespace coupond::api

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "api/events/event_block_maker_fixture.h"
#include "engine/rules/limits.h"

// What clients that read events are shown of users who were erased.
namespace coupond::api {
namespace {

using test::Id;
using testing::ElementsAre;

TEST_F(EventBlockMakerTest, AnErasureNamesTheCoupons) {
  Given(1, {Created(1, 10, 1), Created(2, 10, 11)});
  Given(6, {Issued(1, 1, "kim"), Issued(1, 2, "lee"), Issued(2, 11, "kim"), Issued(1, 3, "kim")});
  Given(7, {UserErased{.campaign = CampaignNumber(1), .serials = {Serial(1), Serial(3)}},
            UserErased{.campaign = CampaignNumber(2),
                       .serials = {Serial(11)},
                       .claims_freed = true,
                       .request = test::RequestOf(1)}});
  Given(8, {ErasureFinished{.erasure = Sequence(8)}});
  Given(9, {CampaignDeleted{CampaignNumber(2)}});
  const Serial erased[] = {Serial(1), Serial(3), Serial(11)};
  log_.HideTexts(erased);
  for (const Codec codec : {Codec::kProto, Codec::kJson}) {
    const Events events = ReadFrom(3, codec);
    EXPECT_THAT(Outline(events), ElementsAre("3 coupon.issued", "4 coupon.issued",
                                             "5 coupon.issued", "6 coupon.issued", "7 user.erased",
                                             "8 user.erased", "10 campaign.deleted"));
    EXPECT_FALSE(events[0].has_user_id());
    EXPECT_EQ(events[1].user_id(), "lee");
    EXPECT_FALSE(events[2].has_user_id());
    EXPECT_FALSE(events[3].has_user_id());
    EXPECT_EQ(events[4].campaign_id(), FormatUuid(Id(1).bytes));
    EXPECT_THAT(events[4].erased_coupons().codes(),
                ElementsAre(codec_.Encode(Serial(1)), codec_.Encode(Serial(3))));
    EXPECT_TRUE(events[4].has_claim_freed());
    EXPECT_FALSE(events[4].claim_freed());
    EXPECT_FALSE(events[4].has_code());
    EXPECT_EQ(events[5].campaign_id(), FormatUuid(Id(2).bytes)) << "although it was deleted";
    EXPECT_THAT(events[5].erased_coupons().codes(), ElementsAre(codec_.Encode(Serial(11))));
    EXPECT_TRUE(events[5].claim_freed());
    EXPECT_FALSE(events[6].has_erased_coupons());
  }
  EventTypes types;
  types.Add(EventType::kUserErased);
  EXPECT_THAT(Outline(ReadFrom(1, Codec::kProto, {.campaign = CampaignNumber(2), .types = types})),
              ElementsAre("8 user.erased"));
}

TEST_F(EventBlockMakerTest, TheLargestErasureFitsIntoABlock) {
  Given(1, {Created(1, 20'000, 1)});
  UserErased erased{.campaign = CampaignNumber(1), .serials = {}};
  for (std::uint64_t serial = 1; serial <= limits::kErasedCouponsMax; ++serial) {
    erased.serials.emplace_back(serial);
  }
  Given(7, {erased, erased, CampaignArchived{CampaignNumber(1)}});
  const Events events = ReadFrom(2);
  EXPECT_THAT(Outline(events),
              ElementsAre("2 user.erased", "3 user.erased", "4 campaign.archived"));
  EXPECT_EQ(events[0].erased_coupons().codes_size(), static_cast<int>(limits::kErasedCouponsMax));
}

}  // namespace
}  // namespace coupond::api

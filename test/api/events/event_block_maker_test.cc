#include "api/events/event_block_maker.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/events/event_block_maker_fixture.h"
#include "engine/views/random_history.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;
using test::Id;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(EventBlockMakerTest, EachTypeHasItsFields) {
  const CampaignNumber one(1);
  TermChanges changes{.total_coupons = 20, .end_time = kNever};
  Given(1, {StoreCreated{}, Created(1, 10, 1)});
  Given(6, {Issued(1, 1, "kim"), Issued(1, 2)});
  Given(7, {CouponRedeemed{.campaign = one,
                           .serial = Serial(1),
                           .order_ref = "4711",
                           .redeemed_by = "till 3",
                           .request_id = "r",
                           .request = {}},
            RedemptionCanceled{.campaign = one,
                               .serial = Serial(1),
                               .redemption = Sequence(5),
                               .reason = "mistake",
                               .request = {}}});
  Given(8, {CouponVoided{.campaign = one,
                         .serial = Serial(1),
                         .returned = false,
                         .reason = "fraud",
                         .added_serials = {},
                         .request = {},
                         .claim_freed = true},
            CouponVoided{.campaign = one,
                         .serial = Serial(2),
                         .returned = true,
                         .reason = "",
                         .added_serials = {},
                         .request = {}}});
  Given(9, {CampaignPaused{one, {.issuing = true}, "stock"},
            CampaignResumed{one, {.issuing = true, .redeeming = true}, ""},
            CampaignUpdated{.campaign = one,
                            .changes = changes,
                            .added_serials = SerialRange{.first = Serial(11), .count = 10},
                            .request = {}},
            CampaignArchived{one}, CampaignUnarchived{one}, CampaignDeleted{one}});

  const Events events = ReadFrom(1);
  EXPECT_THAT(
      Outline(events),
      ElementsAre("2 campaign.created", "3 coupon.issued", "4 coupon.issued", "5 coupon.redeemed",
                  "6 coupon.redemption_canceled", "7 coupon.voided", "8 coupon.returned",
                  "9 campaign.paused", "10 campaign.resumed", "11 campaign.updated",
                  "12 campaign.archived", "13 campaign.unarchived", "14 campaign.deleted"));
  for (const auto& event : events) {
    EXPECT_EQ(event.campaign_id(), FormatUuid(Id(1).bytes)) << "although it was deleted";
  }
  EXPECT_EQ(events[0].campaign().name(), "campaign");
  EXPECT_EQ(events[0].campaign().total_coupons(), 10);
  EXPECT_EQ(events[0].campaign().revision(), 2U);
  EXPECT_EQ(events[0].time().seconds(), At(1).unix_nanoseconds() / 1'000'000'000);
  EXPECT_EQ(events[1].code(), codec_.Encode(Serial(1)));
  EXPECT_EQ(events[1].user_id(), "kim");
  EXPECT_FALSE(events[2].has_user_id());
  EXPECT_EQ(events[3].redemption().sequence(), 5U);
  EXPECT_EQ(events[3].redemption().order_ref(), "4711");
  EXPECT_EQ(events[3].redemption().redeemed_by(), "till 3");
  EXPECT_EQ(events[3].redemption().request_id(), "r");
  EXPECT_EQ(events[3].redemption().redeemed_at().seconds(), events[3].time().seconds());
  EXPECT_EQ(events[4].redemption_sequence(), 5U);
  EXPECT_EQ(events[4].reason(), "mistake");
  EXPECT_EQ(events[5].reason(), "fraud");
  EXPECT_TRUE(events[5].claim_freed());
  EXPECT_TRUE(events[6].has_claim_freed());
  EXPECT_FALSE(events[6].claim_freed());
  EXPECT_FALSE(events[6].has_reason());
  EXPECT_EQ(events[7].scope(), coupon::v1::PAUSE_SCOPE_ISSUING);
  EXPECT_EQ(events[7].reason(), "stock");
  EXPECT_EQ(events[8].scope(), coupon::v1::PAUSE_SCOPE_BOTH);
  EXPECT_THAT(events[9].update_mask().paths(), ElementsAre("total_coupons", "end_time"));
  EXPECT_EQ(events[9].campaign().total_coupons(), 20);
  EXPECT_FALSE(events[9].campaign().has_end_time());
}

TEST_F(EventBlockMakerTest, AnEventHasTheKeyOfItsCommand) {
  const KeyId key(0x6b32'7039'7837'7164);
  Given(1, {StoreCreated{}});
  Given(2, {Created(1, 1, 1)});
  const CouponRedeemed redeemed{.campaign = CampaignNumber(1),
                                .serial = Serial(1),
                                .order_ref = {},
                                .redeemed_by = {},
                                .request_id = {},
                                .request = {}};
  Given(6, {Issued(1, 1), redeemed}, {kNoKey, key});
  const Events events = ReadFrom(1);
  EXPECT_THAT(Outline(events), ElementsAre("2 campaign.created", "3 coupon.issued",
                                           "3 campaign.sold_out", "4 coupon.redeemed"));
  for (const int keyless : {0, 1, 2}) {
    EXPECT_FALSE(events[static_cast<std::size_t>(keyless)].has_key_id()) << keyless;
  }
  EXPECT_EQ(events[3].key_id(), "k2p9x7qd");
  EXPECT_EQ(events[3].redemption().key_id(), "k2p9x7qd");
}

TEST_F(EventBlockMakerTest, SoldOutComesRightAfterItsCause) {
  const CampaignNumber two(2);
  Given(1, {Created(1, 2, 1), Created(2, 4, 3), Created(3, 2, 7)});
  Given(6, {Issued(1, 1), Issued(1, 2), Issued(2, 3)});
  Given(7,
        {CampaignUpdated{
            .campaign = two, .changes = {.total_coupons = 1}, .added_serials = {}, .request = {}}});
  Given(8, {BatchIssued{.campaign = CampaignNumber(3), .coupons = 2, .request = {}}, Issued(3, 7),
            Issued(3, 8)});
  // Open again, and sold out again.
  Given(9,
        {CampaignUpdated{
             .campaign = two, .changes = {.total_coupons = 2}, .added_serials = {}, .request = {}},
         Issued(2, 4), CampaignDeleted{two}});
  EXPECT_THAT(
      Outline(ReadFrom(4)),
      ElementsAre("4 coupon.issued", "5 coupon.issued", "5 campaign.sold_out", "6 coupon.issued",
                  "7 campaign.updated", "7 campaign.sold_out", "9 coupon.issued",
                  "10 coupon.issued", "10 campaign.sold_out", "11 campaign.updated",
                  "12 coupon.issued", "12 campaign.sold_out", "13 campaign.deleted"));
  const Events events = ReadFrom(5);
  EXPECT_EQ(events[1].campaign_id(), FormatUuid(Id(1).bytes));
  EXPECT_EQ(events[1].time().seconds(), events[0].time().seconds());
  EXPECT_FALSE(events[1].has_code());
}

TEST_F(EventBlockMakerTest, WhatIsNotShownIsPassedOver) {
  Given(1, {StoreCreated{}});
  Given(2, {StoreRestored{.first_serial = Serial(100)}});
  Given(3, {ClockReset{.previous_time = At(2)}});
  Given(4, {ErasureFinished{.erasure = Sequence(1)}});
  const auto block = Make(1);
  EXPECT_EQ(block->next(), Sequence(5));
  EXPECT_THAT(Parse(*block, 1), IsEmpty());
}

TEST_F(EventBlockMakerTest, ABlockEndsBetweenTwoSequences) {
  constexpr std::uint64_t kMany = 2'500;
  Given(1, {Created(1, kMany, 1)});
  std::vector<Event> events;
  for (std::uint64_t serial = 1; serial <= kMany; ++serial) events.emplace_back(Issued(1, serial));
  Given(6, std::move(events));
  Given(7, {CampaignArchived{CampaignNumber(1)}});

  std::uint64_t next = 2;
  int blocks = 0;
  for (; next <= head().value(); ++blocks) {
    const auto block = Make(next);
    ASSERT_NE(block, nullptr);
    const Events found = Parse(*block, next);
    std::set<std::uint64_t> sequences;
    for (const auto& event : found) sequences.insert(event.sequence());
    EXPECT_THAT(sequences, SizeIs(block->next().value() - next));
    EXPECT_EQ(*sequences.begin(), next);
    EXPECT_EQ(*sequences.rbegin(), block->next().value() - 1);
    EXPECT_LE(block->next().value() - next, kEventBlockSequencesMax);
    EXPECT_LE(block->memory_bytes(), 2 * kEventBlockBytesMax);
    next = block->next().value();
  }
  EXPECT_GT(blocks, 2);
  EXPECT_THAT(
      Outline(Parse(*Make(kMany + 1), kMany + 1)),
      ElementsAre("2501 coupon.issued", "2501 campaign.sold_out", "2502 campaign.archived"));
}

TEST_F(EventBlockMakerTest, AFilterPicksCampaignAndTypes) {
  Given(1, {Created(1, 10, 1), Created(2, 10, 11)});
  Given(6, {Issued(1, 1), Issued(2, 11), Issued(1, 2)});
  Given(7, {CampaignDeleted{CampaignNumber(1)}});
  EventTypes issued;
  issued.Add(EventType::kIssued);
  EXPECT_THAT(Outline(ReadFrom(1, Codec::kProto, {.campaign = CampaignNumber(1)})),
              ElementsAre("1 campaign.created", "3 coupon.issued", "5 coupon.issued",
                          "6 campaign.deleted"));
  EXPECT_THAT(Outline(ReadFrom(1, Codec::kProto, {.campaign = {}, .types = issued})),
              ElementsAre("3 coupon.issued", "4 coupon.issued", "5 coupon.issued"));
  EXPECT_THAT(Outline(ReadFrom(4, Codec::kJson, {.campaign = CampaignNumber(2), .types = issued})),
              ElementsAre("4 coupon.issued"));
  EventTypes voided;
  voided.Add(EventType::kVoided);
  EXPECT_THAT(ReadFrom(1, Codec::kProto, {.campaign = {}, .types = voided}), IsEmpty());
}

TEST_F(EventBlockMakerTest, ASelectionEndsWhereTheReaderDoes) {
  Given(1, {Created(1, 10, 1), Issued(1, 1), Issued(1, 2), Issued(1, 3)});
  const auto block = Make(1);
  const auto events = block->Select(Sequence(2), Sequence(4), {}).All();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].sequence, Sequence(2));
  EXPECT_EQ(events[1].sequence, Sequence(3));
}

TEST_F(EventBlockMakerTest, NothingOfALaterHeadIsInABlock) {
  Given(1, {Created(1, 10, 1), Issued(1, 1)});
  Given(2, {Issued(1, 2)});
  const auto block = maker_.Make(Codec::kProto, Sequence(1), Sequence(2));
  ASSERT_TRUE(block);
  EXPECT_EQ((*block)->next(), Sequence(3));
}

TEST_F(EventBlockMakerTest, AnErrorOfTheLogIsTheBlocks) {
  Given(1, {Created(1, 10, 1), Issued(1, 1)});
  Given(2, {Issued(1, 2)});
  log_.FailReadAt(GroupNumber(2), {ErrorCode::kLogDamaged, "unreadable"});
  const auto block = maker_.Make(Codec::kProto, Sequence(1), Sequence(3));
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code, ErrorCode::kLogDamaged);
}

/// Says independently which campaigns sell out when.
class SoldOutModel {
 public:
  /// Returns whether the event left its campaign without coupons.
  bool Take(const Event& event) {
    if (const auto* created = std::get_if<CampaignCreated>(&event)) {
      campaigns_[created->number] = {.total = created->terms.total_coupons};
    } else if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      Campaign& campaign = campaigns_[issued->campaign];
      return ++campaign.issued == campaign.total;
    } else if (const auto* updated = std::get_if<CampaignUpdated>(&event)) {
      Campaign& campaign = campaigns_[updated->campaign];
      const bool was_full = campaign.issued == campaign.total;
      campaign.total = updated->changes.total_coupons.value_or(campaign.total);
      return !was_full && campaign.issued == campaign.total;
    } else if (const auto* voided = std::get_if<CouponVoided>(&event)) {
      if (voided->returned) --campaigns_[voided->campaign].issued;
    }
    return false;
  }

 private:
  struct Campaign {
    std::int64_t total = 0;
    std::int64_t issued = 0;
  };
  std::map<CampaignNumber, Campaign> campaigns_;
};

TEST_F(EventBlockMakerTest, ARandomHistoryIsTheSameFromAnywhere) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::RandomHistory history(seed);
  SoldOutModel model;
  std::vector<std::string> expected;
  for (int i = 0; i < 150; ++i) {
    const CommitGroup group = history.Next();
    Add(group);
    for (std::size_t j = 0; j < group.events.size(); ++j) {
      const std::string sequence = std::to_string(group.first_sequence.Plus(j).value()) + " ";
      if (const auto shown = ShownAs(group.events[j])) {
        expected.push_back(sequence + std::string(EventTypeName(shown->type)));
      }
      if (model.Take(group.events[j])) expected.push_back(sequence + "campaign.sold_out");
    }
  }
  const Events all = ReadFrom(1);
  EXPECT_EQ(Outline(all), expected);
  const Events in_json = ReadFrom(1, Codec::kJson);
  ASSERT_EQ(in_json.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(all[i], in_json[i]));
  }
  for (std::uint64_t from = head().value(); from > 0; --from) {
    const Events rest = ReadFrom(from);
    ASSERT_LE(rest.size(), all.size());
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const auto& same = all[all.size() - rest.size() + i];
      ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(same, rest[i])) << from;
    }
    ASSERT_TRUE(rest.size() == all.size() || all[all.size() - rest.size() - 1].sequence() < from);
  }
}

}  // namespace
}  // namespace coupond::api

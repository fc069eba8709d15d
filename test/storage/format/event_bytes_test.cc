#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/hex.h"
#include "engine/rules/command.h"
#include "engine/rules/limits.h"
#include "engine/sequencer/command_queue.h"
#include "storage/format/codec_fixture.h"

namespace coupond::storage {
namespace {

using test::At;
using test::ClaimOf;

constexpr KeyId kSomeKey{7};

/// Returns as many entries as are allowed, which together have as many bytes as are allowed.
std::vector<MetadataEntry> LargestMetadata() {
  std::vector<MetadataEntry> metadata;
  for (std::size_t i = 0; i < limits::kMetadataEntriesMax; ++i) {
    std::string key = std::to_string(10 + i);
    const std::size_t value_bytes = limits::kMetadataMaxBytes / limits::kMetadataEntriesMax;
    metadata.push_back({.key = key, .value = std::string(value_bytes - key.size(), 'v')});
  }
  return metadata;
}

/// The sequencer bounds a group in bytes by its commands, before there are any bytes.
TEST(EventBytes, NoEventIsLargerThanTheSequencerCounts) {
  const RequestKey request{.digest = ClaimOf(3), .content = ~0ULL};
  const CreateCampaign create{.id = test::Id(7),
                              .name = std::string(limits::kCampaignNameMaxBytes, 'n'),
                              .total_coupons = limits::kCouponsPerCampaignMax,
                              .start_time = At(0),
                              .end_time = At(1),
                              .description = std::string(limits::kDescriptionMaxBytes, 'd'),
                              .metadata = LargestMetadata(),
                              .coupons_per_user = ~0U,
                              .user_required = true,
                              .redeem_start_time = At(0),
                              .expire_time = At(1),
                              .valid_duration = limits::kValidDurationMax,
                              .redeem_by_holder_only = true,
                              .request = request};
  const TermChanges all{.name = create.name,
                        .total_coupons = create.total_coupons,
                        .start_time = At(0),
                        .end_time = kNever,
                        .description = create.description,
                        .metadata = create.metadata,
                        .coupons_per_user = create.coupons_per_user,
                        .user_required = true,
                        .redeem_start_time = At(0),
                        .expire_time = At(1),
                        .valid_duration = kUnlimited,
                        .redeem_by_holder_only = true};
  const SetPaused pause{.campaign_id = test::Id(7),
                        .activities = {.issuing = true, .redeeming = true},
                        .reason = std::string(limits::kReasonMaxBytes, 'r')};
  const IssueCoupon issue{.campaign_id = test::Id(7),
                          .holder = ClaimOf(3),
                          .request_key = ClaimOf(4),
                          .user_id = std::string(limits::kUserIdMaxBytes, 'u')};
  const RedeemCoupon redeem{.order_ref = std::string(limits::kOrderRefMaxBytes, 'o'),
                            .redeemed_by = std::string(limits::kRedeemedByMaxBytes, 'b'),
                            .request_id = std::string(limits::kRequestIdMaxBytes, 'i'),
                            .request = request};
  const std::pair<Command, Event> largest[] = {
      {create, CampaignCreated{.number = CampaignNumber(~0ULL),
                               .id = create.id,
                               .terms = {.name = create.name,
                                         .total_coupons = create.total_coupons,
                                         .start_time = At(0),
                                         .end_time = create.end_time,
                                         .description = create.description,
                                         .metadata = create.metadata,
                                         .coupons_per_user = create.coupons_per_user,
                                         .user_required = true,
                                         .redeem_start_time = create.redeem_start_time,
                                         .expire_time = create.expire_time,
                                         .valid_duration = create.valid_duration,
                                         .redeem_by_holder_only = true},
                               .first_serial = Serial(~0ULL - limits::kCouponsPerCampaignMax),
                               .request = request}},
      {UpdateCampaign{.campaign_id = test::Id(7), .changes = all, .request = request},
       CampaignUpdated{
           .campaign = CampaignNumber(~0ULL),
           .changes = all,
           .added_serials = SerialRange{.first = Serial(1ULL << 63), .count = (1ULL << 63) - 1},
           .request = request}},
      {pause, CampaignPaused{.campaign = CampaignNumber(~0ULL),
                             .activities = pause.activities,
                             .reason = pause.reason}},
      {SetArchived{}, CampaignUnarchived{.campaign = CampaignNumber(~0ULL)}},
      {redeem, CouponRedeemed{.campaign = CampaignNumber(~0ULL),
                              .serial = Serial(~0ULL),
                              .order_ref = redeem.order_ref,
                              .redeemed_by = redeem.redeemed_by,
                              .request_id = redeem.request_id,
                              .request = redeem.request}},
      {CancelRedemption{.reason = pause.reason},
       RedemptionCanceled{.campaign = CampaignNumber(~0ULL),
                          .serial = Serial(~0ULL),
                          .redemption = Sequence(~0ULL),
                          .reason = pause.reason,
                          .request = redeem.request}},
      {VoidCoupon{.reason = pause.reason},
       CouponVoided{
           .campaign = CampaignNumber(~0ULL),
           .serial = Serial(~0ULL),
           .returned = true,
           .reason = pause.reason,
           .added_serials = SerialRange{.first = Serial(1ULL << 63), .count = (1ULL << 63) - 1},
           .request = redeem.request,
           .claim_freed = true}},
      {issue, CouponIssued{.campaign = CampaignNumber(~0ULL),
                           .serial = Serial(~0ULL),
                           .holder = issue.holder,
                           .request_key = issue.request_key,
                           .user_id = issue.user_id}},
      {BatchIssueCoupons{.campaign_id = test::Id(7), .request = request},
       BatchIssued{.campaign = CampaignNumber(~0ULL), .coupons = ~0U, .request = request}},
      {FinishErasure{}, ErasureFinished{.erasure = Sequence(~0ULL)}},
      {DeleteCampaign{}, CampaignDeleted{.campaign = CampaignNumber(~0ULL)}}};
  for (const auto& [command, event] : largest) {
    // The last of the largest group: the index of its holder is the longest.
    CommitGroup group{GroupNumber(2), Sequence(2), At(0), {}};
    group.events.assign(limits::kCommandsPerGroupMax - 1, event);
    const std::size_t others = Encode(group).size();
    group.events.push_back(event);
    EXPECT_LE(Encode(group).size() - others, EventBytesMax(command));
    if (std::holds_alternative<FinishErasure>(command)) continue;  // nobody asks for it
    group.AddKeys(limits::kCommandsPerGroupMax - 1, limits::kCommandsPerGroupMax, kSomeKey);
    EXPECT_LE(Encode(group).size() - others, EventBytesMax(command, kSomeKey));
  }
}

/// Returns the bytes of a batch's events, with the largest numbers, behind another event.
std::size_t BytesOf(const BatchIssueCoupons& batch, KeyId key = kNoKey) {
  // There are no more campaigns than events.
  const CampaignNumber campaign(limits::kSequenceMax);
  CommitGroup group{GroupNumber(2), Sequence(2), At(0), {CampaignDeleted{campaign}}};
  const std::size_t others = Encode(group).size();
  group.events.emplace_back(
      BatchIssued{.campaign = campaign, .coupons = ~0U, .request = batch.request});
  for (const IssueCoupon& user : batch.users) {
    group.events.emplace_back(CouponIssued{.campaign = campaign,
                                           .serial = Serial(~0ULL),
                                           .holder = user.holder,
                                           .request_key = user.request_key,
                                           .user_id = user.user_id});
  }
  for (std::uint32_t i = 0; i < batch.anonymous; ++i) {
    group.events.emplace_back(CouponIssued{.campaign = campaign, .serial = Serial(~0ULL)});
  }
  group.AddKeys(1, group.events.size(), key);
  return Encode(group).size() - others;
}

TEST(EventBytes, NoBatchIsLargerThanTheSequencerCounts) {
  BatchIssueCoupons batch{.campaign_id = test::Id(7),
                          .request = RequestKey{.digest = ClaimOf(3), .content = ~0ULL}};
  EXPECT_LE(BytesOf(batch), EventBytesMax(batch));
  batch.anonymous = limits::kCouponsPerBatchMax;
  EXPECT_LE(BytesOf(batch), EventBytesMax(batch));
  EXPECT_LE(BytesOf(batch, kSomeKey), EventBytesMax(Command(batch), kSomeKey));
  batch.anonymous = 0;
  const IssueCoupon to_a_user{
      .campaign_id = batch.campaign_id, .holder = ClaimOf(3), .request_key = ClaimOf(4)};
  batch.users.assign(limits::kCouponsPerBatchMax, to_a_user);
  // All that the largest batch has room for, in many short texts or in few long ones.
  for (const std::size_t length :
       {std::size_t{1}, limits::kUuidTextBytes, limits::kShortUserIdMaxBytes,
        limits::kShortUserIdMaxBytes + 1, limits::kUserIdMaxBytes - 1, limits::kUserIdMaxBytes}) {
    SCOPED_TRACE("ids of " + std::to_string(length) + " bytes");
    batch.users.assign(1, to_a_user);
    batch.users.front().user_id = std::string(length, 'u');
    const std::size_t each = EventBytesMax(batch) - limits::kEventBytesMaxWithoutTexts;
    const std::size_t users =
        std::min((limits::kBatchBytesMax - limits::kEventBytesMaxWithoutTexts) / each,
                 limits::kCouponsPerBatchMax);
    batch.users.resize(users, batch.users.front());
    EXPECT_LE(EventBytesMax(batch), limits::kBatchBytesMax);
    EXPECT_LE(BytesOf(batch), EventBytesMax(batch));
    const std::size_t bytes_max = EventBytesMax(Command(batch), kSomeKey);
    EXPECT_LE(bytes_max, limits::kBatchBytesMax + limits::kBatchKeysBytesMax);
    EXPECT_LE(BytesOf(batch, kSomeKey), bytes_max);
  }
}

/// The bound is what such an event may take, and no more: a looser one would refuse batches that
/// have room.
TEST(EventBytes, ABatchesUserTakesAsManyBytesAsAreCounted) {
  // As many events before it as a group may have, so that the index of its holder is the longest.
  CommitGroup group{GroupNumber(2), Sequence(2), At(0), {}};
  group.events.assign(limits::kEventsPerGroupMax, CampaignDeleted{CampaignNumber(1)});
  const std::size_t others = Encode(group).size();
  for (const std::size_t length :
       {std::size_t{1}, limits::kUuidTextBytes, limits::kShortUserIdMaxBytes,
        limits::kShortUserIdMaxBytes + 1, limits::kUserIdMaxBytes - 1, limits::kUserIdMaxBytes}) {
    const IssueCoupon user{.campaign_id = test::Id(7),
                           .holder = ClaimOf(3),
                           .request_key = ClaimOf(4),
                           .user_id = std::string(length, 'u')};
    group.events.resize(limits::kEventsPerGroupMax);
    group.events.emplace_back(CouponIssued{.campaign = CampaignNumber(limits::kSequenceMax),
                                           .serial = Serial(~0ULL),
                                           .holder = user.holder,
                                           .request_key = user.request_key,
                                           .user_id = user.user_id});
    const std::size_t counted =
        EventBytesMax(BatchIssueCoupons{.campaign_id = user.campaign_id, .users = {user}}) -
        limits::kEventBytesMaxWithoutTexts;
    const std::size_t taken = Encode(group).size() - others;
    EXPECT_LE(taken, counted) << length;
    EXPECT_GE(taken + 1, counted) << length;
  }
}

/// Returns the bytes of an erasure's events, with the largest numbers, behind another event.
std::size_t BytesOf(const EraseUser& erasure, KeyId key = kNoKey) {
  const CampaignNumber campaign(~0ULL);
  CommitGroup group{GroupNumber(2), Sequence(2), At(0), {CampaignDeleted{campaign}}};
  const std::size_t others = Encode(group).size();
  for (const CouponsToErase& coupons : erasure.coupons) {
    group.events.emplace_back(UserErased{
        .campaign = campaign,
        .serials = coupons.serials,
        .claims_freed = true,
        .request = &coupons == &erasure.coupons.front() ? erasure.request : std::nullopt});
  }
  group.AddKeys(1, group.events.size(), key);
  return Encode(group).size() - others;
}

TEST(EventBytes, NoErasureIsLargerThanTheSequencerCounts) {
  for (const std::size_t in_one_event :
       {std::size_t{1}, std::size_t{2}, std::size_t{100}, limits::kErasedCouponsMax}) {
    EraseUser erasure{.coupons = {},
                      .free_claims = true,
                      .request = RequestKey{.digest = ClaimOf(3), .content = ~0ULL}};
    std::uint64_t serial = ~0ULL - limits::kErasedCouponsMax;
    for (std::size_t left = limits::kErasedCouponsMax; left > 0; left -= in_one_event) {
      CouponsToErase& coupons = erasure.coupons.emplace_back();
      for (std::size_t i = 0; i < in_one_event; ++i) coupons.serials.emplace_back(++serial);
    }
    EXPECT_LE(BytesOf(erasure), EventBytesMax(erasure)) << in_one_event;
    EXPECT_LE(BytesOf(erasure, kSomeKey), EventBytesMax(erasure)) << in_one_event;
    EXPECT_LE(EventBytesMax(erasure, kSomeKey), limits::kGroupBytesMax) << in_one_event;
    const QueuedCommand command{.command = erasure};
    EXPECT_GE(EventsMax({&command, 1}), erasure.coupons.size()) << in_one_event;
  }
}

TEST(EventBytes, AnErasureAndItsEndAreTheseBytes) {
  CommitGroup group{GroupNumber(2), Sequence(3), At(0), {}};
  const std::string before = "080210031900002a36fe9c9717";
  // Their kinds are 16 and 17, so each has a tag of two bytes.
  group.events = {
      UserErased{.campaign = CampaignNumber(5), .serials = {Serial(1), Serial(300)}},
      UserErased{.campaign = CampaignNumber(5), .serials = {Serial(2)}, .claims_freed = true},
      ErasureFinished{.erasure = Sequence(300)}};
  EXPECT_EQ(Hex(PayloadOf(group)), before + "220a8201070805120301ac02" + "220a820107080512010218" +
                                       "01" + "22068a010308ac02");
  EXPECT_EQ(HoldersOf(group), "");
  EXPECT_EQ(Decode(Encode(group)), group);
}

/// No command leads to it, so nothing counts it; a group with it has room all the same.
TEST(EventBytes, ARestoredStoreIsTheseBytes) {
  CommitGroup group{GroupNumber(2), Sequence(3), At(0), {}};
  group.events = {StoreRestored{.first_serial = Serial(0x0123'4567'89AB'CDEF)}};
  const std::string before = "080210031900002a36fe9c9717";
  const std::string event = "220c6a0a08ef9bafcdf8acd19101";
  EXPECT_EQ(Hex(PayloadOf(group)), before + event);
  EXPECT_EQ(HoldersOf(group), "");
  EXPECT_EQ(Decode(Encode(group)), group);
  for (const Event& largest : {Event(StoreRestored{.first_serial = Serial(~0ULL)}),
                               Event(ClockReset{.previous_time = At(0)})}) {
    group.events = {largest};
    EXPECT_LE(PayloadOf(group).size() - before.size() / 2, limits::kEventBytesMaxWithoutTexts);
  }
}

TEST(EventBytes, AnAnonymousCouponTakesAtMostTwelve) {
  CommitGroup group = test::AnonymousCouponsAfter(
      {.group = GroupNumber(9), .sequence = Sequence(30'000'000'000), .time = At(0), .hash = {}},
      1'000);
  const std::size_t thousand = Encode(group).size();
  group.events.resize(1);
  EXPECT_LE(thousand - Encode(group).size(), 999U * 12U);
}

}  // namespace
}  // namespace coupond::storage

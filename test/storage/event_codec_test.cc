#include "storage/format/event_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/rules/limits.h"
#include "engine/sequencer/command_queue.h"
#include "storage/groups.h"

namespace coupond::storage {
namespace {

using test::At;
using test::ClaimOf;
using test::Outcome;

CommitGroup AllKinds() {
  return {.number = GroupNumber(1),
          .first_sequence = Sequence(1),
          .commit_time = At(5),
          .events = {
              test::SomeStore(),
              CampaignCreated{.number = CampaignNumber(1),
                              .id = test::Id(7),
                              .terms = {.name = "봄 세일",
                                        .total_coupons = 100'000'000,
                                        .start_time = At(-1'700'000'001)},
                              .first_serial = Serial(1)},
              CampaignCreated{.number = CampaignNumber(2),
                              .id = test::Id(8),
                              .terms = {.name = "n",
                                        .total_coupons = 1,
                                        .start_time = At(0),
                                        .end_time = At(-1'700'000'000),
                                        .description = "d",
                                        .metadata = {{"a", "1"}, {"b", ""}}},
                              .first_serial = Serial(1)},
              CouponIssued{
                  .campaign = CampaignNumber(1), .serial = Serial(1), .claim = {}, .user_id = {}},
              CouponIssued{.campaign = CampaignNumber(1),
                           .serial = Serial(~0ULL),
                           .claim = ClaimOf(3),
                           .user_id = std::string("\xff not UTF-8 \0", 13)},
              CampaignDeleted{.campaign = CampaignNumber(1)},
              CampaignUpdated{.campaign = CampaignNumber(2),
                              .changes = {.name = "m",
                                          .total_coupons = 300,
                                          .start_time = At(-1'700'000'000),
                                          .end_time = kNever,
                                          .description = "",
                                          .metadata = std::vector<MetadataEntry>{{"c", "3"}}},
                              .added_serials = SerialRange{.first = Serial(9), .count = 299}},
              CampaignUpdated{.campaign = CampaignNumber(2),
                              .changes = {.metadata = std::vector<MetadataEntry>{}},
                              .added_serials = {}},
              CampaignPaused{.campaign = CampaignNumber(2),
                             .activities = {.issuing = true, .redeeming = true},
                             .reason = "why"},
              CampaignResumed{.campaign = CampaignNumber(2),
                              .activities = {.issuing = false, .redeeming = true},
                              .reason = {}},
              CampaignArchived{.campaign = CampaignNumber(2)},
              CampaignUnarchived{.campaign = CampaignNumber(2)},
              CouponRedeemed{.campaign = CampaignNumber(2),
                             .serial = Serial(9),
                             .order_ref = "order",
                             .redeemed_by = "till 3",
                             .request_id = "r1",
                             .request = RequestKey{.digest = ClaimOf(5), .content = ~0ULL}},
              CouponRedeemed{.campaign = CampaignNumber(2),
                             .serial = Serial(10),
                             .order_ref = {},
                             .redeemed_by = {},
                             .request_id = {},
                             .request = {}},
              RedemptionCanceled{.campaign = CampaignNumber(2),
                                 .serial = Serial(9),
                                 .redemption = Sequence(300),
                                 .reason = "returned goods",
                                 .request = RequestKey{.digest = ClaimOf(6), .content = 0}},
              CouponVoided{.campaign = CampaignNumber(2),
                           .serial = Serial(9),
                           .returned = false,
                           .reason = {},
                           .added_serials = {},
                           .request = {}},
              CouponVoided{.campaign = CampaignNumber(2),
                           .serial = Serial(9),
                           .returned = true,
                           .reason = "fraud",
                           .added_serials = SerialRange{.first = Serial(400), .count = 1'024},
                           .request = RequestKey{.digest = ClaimOf(7), .content = 1}}}};
}

std::string Encode(const CommitGroup& group) {
  std::string bytes;
  EventCodec().Append(group, bytes);
  return bytes;
}

Result<CommitGroup> Decode(std::string_view bytes) { return EventCodec().Decode(bytes); }

/// One field of a protobuf message in its wire format.
std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}
std::string Field(int number, char value) { return {static_cast<char>(number << 3), value}; }
/// A group 2 that begins at sequence 2 and has one event.
std::string GroupWith(const std::string& event) {
  return Field(1, 2) + Field(2, 2) + Field(4, event);
}

TEST(EventCodec, GroupsAreReadBackEqual) {
  const CommitGroup group = AllKinds();
  const Result<CommitGroup> decoded = Decode(Encode(group));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, group);
}

// The encoder writes the fields itself.
TEST(EventCodec, TheBytesAreThoseOfProtobuf) {
  CommitGroup group = AllKinds();
  for (int shift = 0; shift < 64; shift += 7) {  // numbers of every length
    const std::uint64_t number = (1ULL << shift) + 1;
    group.events.push_back(CouponIssued{.campaign = CampaignNumber(number),
                                        .serial = Serial(number - 1),
                                        .claim = ClaimOf(1),
                                        .user_id = std::string(number % 200 + 1, 'x')});
    for (const std::int64_t time : {std::int64_t{0}, static_cast<std::int64_t>(number), -1L}) {
      group.number = GroupNumber(number);
      group.first_sequence = Sequence(number);
      group.commit_time = Timestamp::FromUnixNanoseconds(time);
      const std::string bytes = Encode(group);
      v1::CommitGroup message;
      ASSERT_TRUE(message.ParseFromString(bytes));
      EXPECT_EQ(message.SerializeAsString(), bytes);
      EXPECT_EQ(Decode(bytes).value(), group);
    }
  }
}

TEST(EventCodec, AppendsToWhatIsThere) {
  std::string bytes = "before";
  EventCodec().Append(AllKinds(), bytes);
  EXPECT_EQ(bytes, "before" + Encode(AllKinds()));
}

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
TEST(EventCodec, NoEventIsLargerThanTheSequencerCounts) {
  const CreateCampaign create{.id = test::Id(7),
                              .name = std::string(limits::kCampaignNameMaxBytes, 'n'),
                              .total_coupons = limits::kCouponsPerCampaignMax,
                              .start_time = At(0),
                              .end_time = At(1),
                              .description = std::string(limits::kDescriptionMaxBytes, 'd'),
                              .metadata = LargestMetadata()};
  const TermChanges all{.name = create.name,
                        .total_coupons = create.total_coupons,
                        .start_time = At(0),
                        .end_time = kNever,
                        .description = create.description,
                        .metadata = create.metadata};
  const SetPaused pause{.campaign_id = test::Id(7),
                        .activities = {.issuing = true, .redeeming = true},
                        .reason = std::string(limits::kReasonMaxBytes, 'r')};
  const IssueCoupon issue{.campaign_id = test::Id(7),
                          .claim = ClaimOf(3),
                          .user_id = std::string(limits::kUserIdMaxBytes, 'u')};
  const RedeemCoupon redeem{.order_ref = std::string(limits::kOrderRefMaxBytes, 'o'),
                            .redeemed_by = std::string(limits::kRedeemedByMaxBytes, 'b'),
                            .request_id = std::string(limits::kRequestIdMaxBytes, 'i'),
                            .request = RequestKey{.digest = ClaimOf(3), .content = ~0ULL}};
  const std::pair<Command, Event> largest[] = {
      {create, CampaignCreated{.number = CampaignNumber(~0ULL),
                               .id = create.id,
                               .terms = {.name = create.name,
                                         .total_coupons = create.total_coupons,
                                         .start_time = At(0),
                                         .end_time = create.end_time,
                                         .description = create.description,
                                         .metadata = create.metadata},
                               .first_serial = Serial(~0ULL - limits::kCouponsPerCampaignMax)}},
      {UpdateCampaign{.campaign_id = test::Id(7), .changes = all},
       CampaignUpdated{
           .campaign = CampaignNumber(~0ULL),
           .changes = all,
           .added_serials = SerialRange{.first = Serial(1ULL << 63), .count = (1ULL << 63) - 1}}},
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
           .request = redeem.request}},
      {issue, CouponIssued{.campaign = CampaignNumber(~0ULL),
                           .serial = Serial(~0ULL),
                           .claim = issue.claim,
                           .user_id = issue.user_id}},
      {DeleteCampaign{}, CampaignDeleted{.campaign = CampaignNumber(~0ULL)}}};
  for (const auto& [command, event] : largest) {
    CommitGroup group{GroupNumber(2), Sequence(2), At(0), {event}};
    const std::size_t alone = Encode(group).size();
    group.events.push_back(event);
    EXPECT_LE(Encode(group).size() - alone, EventBytesMax(command));
  }
}

TEST(EventCodec, GivesTheSameOnEveryUse) {
  EventCodec codec;
  for (int round = 0; round < 3; ++round) {
    std::string bytes;
    codec.Append(AllKinds(), bytes);
    EXPECT_EQ(bytes, Encode(AllKinds()));
    EXPECT_EQ(codec.Decode(bytes), AllKinds());
  }
}

TEST(EventCodec, AnAnonymousCouponTakesAtMostTwelveBytes) {
  CommitGroup group = test::CouponsAfter(
      {.group = GroupNumber(9), .sequence = Sequence(30'000'000'000), .time = At(0), .hash = {}},
      1'000);
  const std::size_t thousand = Encode(group).size();
  group.events.resize(1);
  EXPECT_LE(thousand - Encode(group).size(), 999U * 12U);
}

TEST(EventCodec, EveryCutIsRefusedOrReadsAsFewerEvents) {
  // Protobuf cannot tell a message that was cut between two fields; the hash can. But no cut may
  // crash, and none may give other events.
  const CommitGroup group = AllKinds();
  const std::string bytes = Encode(group);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<CommitGroup> decoded = Decode(std::string_view(bytes).substr(0, size));
    if (!decoded) {
      EXPECT_EQ(Outcome(decoded), "log_undecodable");
      continue;
    }
    ASSERT_LT(decoded->events.size(), group.events.size());
    EXPECT_TRUE(std::equal(decoded->events.begin(), decoded->events.end(), group.events.begin()));
  }
}

TEST(EventCodec, RandomBytesAreRefusedOrAGroup) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string good = Encode(AllKinds());
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (std::uint32_t changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const Result<CommitGroup> decoded = Decode(bytes);
    // What was understood can be written again, so nothing in it was only half understood.
    if (decoded) {
      EXPECT_EQ(Decode(Encode(*decoded)), *decoded);
    }
  }
}

struct RefusedCase {
  std::string what;
  std::string payload;
  std::string message;
};

TEST(EventCodec, WhatIsNotFullyUnderstoodIsRefusedByName) {
  const std::string id(16, 'x');
  const std::string coupon = Field(1, 1) + Field(2, 5);
  ASSERT_EQ(Outcome(Decode(GroupWith(Field(3, coupon)))), "ok");
  const std::string campaign =
      Field(1, 1) + Field(2, id) + Field(3, std::string("n")) + Field(4, 10) + Field(6, 1);
  ASSERT_EQ(Outcome(Decode(GroupWith(Field(2, campaign)))), "ok");

  const std::string content = std::string{7 << 3 | 1} + std::string(8, 'c');
  const std::string entry = Field(9, Field(1, std::string("k")));
  ASSERT_EQ(Outcome(Decode(GroupWith(Field(2, campaign + entry)))), "ok");

  const RefusedCase cases[] = {
      {"not protobuf", "\xff\xff", "not a commit group"},
      {"no bytes", "", "no group number"},
      {"no number", Field(2, 2) + Field(4, Field(3, coupon)), "no group number"},
      {"no sequence", Field(1, 2) + Field(4, Field(3, coupon)), "no first_sequence"},
      {"no events", Field(1, 2) + Field(2, 2), "no events"},
      {"unknown group field", GroupWith(Field(3, coupon)) + Field(9, 1), "a field that"},
      {"unknown kind", GroupWith(Field(14, std::string("new"))), "a kind that"},
      {"unknown kind beside a known one",
       GroupWith(Field(3, coupon) + Field(14, std::string("new"))), "a kind that"},
      {"no kind", GroupWith(""), "without a kind"},
      {"two kinds", GroupWith(Field(3, coupon) + Field(4, Field(1, 1))), "there twice"},
      {"two serials", GroupWith(Field(3, coupon + Field(2, 6))), "there twice"},
      {"unknown coupon field", GroupWith(Field(3, coupon + Field(9, 1))), "coupon_issued has a fi"},
      {"coupon without campaign", GroupWith(Field(3, Field(2, 5))), "no campaign_number"},
      {"coupon without serial", GroupWith(Field(3, Field(1, 1))), "no serial"},
      {"short claim", GroupWith(Field(3, coupon + Field(3, std::string("abc")))), "claim is not"},
      {"empty claim", GroupWith(Field(3, coupon + Field(3, std::string()))), "claim is not"},
      {"campaign without id",
       GroupWith(Field(2, Field(1, 1) + Field(3, std::string("n")) + Field(4, 10) + Field(6, 1))),
       "campaign_id is not"},
      {"campaign without name",
       GroupWith(Field(2, Field(1, 1) + Field(2, id) + Field(4, 10) + Field(6, 1))), "no name"},
      {"campaign without coupons",
       GroupWith(Field(2, Field(1, 1) + Field(2, id) + Field(3, std::string("n")) + Field(6, 1))),
       "no coupons"},
      {"unknown campaign field", GroupWith(Field(2, campaign + Field(10, 1))), "campaign_created"},
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
      {"deletion of nothing", GroupWith(Field(4, std::string())), "no campaign_number"},
      {"store without key", Field(1, 1) + Field(2, 1) + Field(4, Field(1, Field(1, id))),
       "code_key is not"},
      {"store without version",
       Field(1, 1) + Field(2, 1) + Field(4, Field(1, Field(1, id) + Field(2, id))),
       "no format_version"},
  };
  for (const RefusedCase& refused : cases) {
    SCOPED_TRACE(refused.what);
    const Result<CommitGroup> decoded = Decode(refused.payload);
    EXPECT_EQ(Outcome(decoded), "log_undecodable");
    if (!decoded) {
      EXPECT_THAT(decoded.error().message, testing::HasSubstr(refused.message));
    }
  }
}

/// Returns the names of a kind's fields, in order.
template <typename Kind>
std::vector<std::string> FieldsOf() {
  std::vector<std::string> names;
  Kind().VisitFields([&](std::string_view name, const auto&) { names.emplace_back(name); });
  return names;
}

/// Returns the same of a message, whose times have their unit in the name.
std::vector<std::string> FieldsOf(const google::protobuf::Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    const std::string& name = message.field(i)->name();
    names.push_back(name.substr(0, name.find("_unix_ns")));
  }
  return names;
}

template <std::size_t... kIndices>
void ExpectDescriptions(std::index_sequence<kIndices...>) {
  const google::protobuf::OneofDescriptor& kinds = *v1::Event::descriptor()->oneof_decl(0);
  ASSERT_EQ(kinds.field_count(), int{sizeof...(kIndices)});
  const auto expect = [&]<typename Kind>(const Kind&, std::size_t index) {
    const google::protobuf::FieldDescriptor& field = *kinds.field(static_cast<int>(index));
    EXPECT_EQ(field.name(), Kind::kKind);
    EXPECT_EQ(FieldsOf(*field.message_type()), FieldsOf<Kind>());
  };
  (expect(std::variant_alternative_t<kIndices, Event>(), kIndices), ...);
}

TEST(EventCodec, EveryKindDescribesItselfAsItsMessageDoes) {
  ExpectDescriptions(std::make_index_sequence<std::variant_size_v<Event>>());
}

}  // namespace
}  // namespace coupond::storage

#ifndef COUPOND_TEST_STORAGE_FORMAT_CODEC_FIXTURE_H_
#define COUPOND_TEST_STORAGE_FORMAT_CODEC_FIXTURE_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/groups.h"

/// Commit groups and their bytes, for the tests of the codec.
namespace coupond::storage {

/// Returns a group with events of every kind and every field.
inline CommitGroup AllKinds() {
  using test::At;
  using test::ClaimOf;
  using test::Id;
  const RequestKey request{.digest = ClaimOf(5), .content = ~0ULL};
  const std::vector<Event> events = {
      test::SomeStore(),
      CampaignCreated{.number = CampaignNumber(1),
                      .id = Id(7),
                      .terms = {.name = "봄 세일",
                                .total_coupons = 100'000'000,
                                .start_time = At(-1'700'000'001)},
                      .first_serial = Serial(1)},
      CampaignCreated{.number = CampaignNumber(2),
                      .id = Id(8),
                      .terms = {.name = "n",
                                .total_coupons = 1,
                                .start_time = At(0),
                                .end_time = At(-1'700'000'000),
                                .description = "d",
                                .metadata = {{"a", "1"}, {"b", ""}},
                                .coupons_per_user = 1'000,
                                .user_required = true,
                                .redeem_start_time = At(-1'700'000'000),
                                .expire_time = At(7),
                                .valid_duration = std::chrono::nanoseconds(1),
                                .redeem_by_holder_only = true},
                      .first_serial = Serial(1),
                      .request = request},
      CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(1)},
      CouponIssued{.campaign = CampaignNumber(1),
                   .serial = Serial(~0ULL),
                   .holder = ClaimOf(3),
                   .user_id = std::string("\xff not UTF-8 \0", 13)},
      // The text of this one was erased.
      CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(2), .holder = ClaimOf(4)},
      CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(3), .request_key = ClaimOf(5)},
      CouponIssued{.campaign = CampaignNumber(2),
                   .serial = Serial(4),
                   .holder = ClaimOf(3),
                   .request_key = ClaimOf(6),
                   .user_id = "민지"},
      CampaignDeleted{.campaign = CampaignNumber(1)},
      CampaignUpdated{.campaign = CampaignNumber(2),
                      .changes = {.name = "m",
                                  .total_coupons = 300,
                                  .start_time = At(-1'700'000'000),
                                  .end_time = kNever,
                                  .description = "",
                                  .metadata = std::vector<MetadataEntry>{{"c", "3"}},
                                  .coupons_per_user = 1,
                                  .user_required = false,
                                  .redeem_start_time = kAlways,
                                  .expire_time = kNever,
                                  .valid_duration = kUnlimited,
                                  .redeem_by_holder_only = false},
                      .added_serials = SerialRange{.first = Serial(9), .count = 299},
                      .request = request},
      CampaignUpdated{.campaign = CampaignNumber(2),
                      .changes = {.metadata = std::vector<MetadataEntry>{}},
                      .added_serials = {}},
      CampaignUpdated{.campaign = CampaignNumber(2),
                      .changes = {.user_required = true, .redeem_by_holder_only = true},
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
                     .request = request},
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
                   .request = RequestKey{.digest = ClaimOf(7), .content = 1},
                   .claim_freed = true},
      StoreRestored{.first_serial = Serial(1ULL << 53)},
      BatchIssued{.campaign = CampaignNumber(2), .coupons = 1, .request = request},
      CouponIssued{.campaign = CampaignNumber(2), .serial = Serial(1ULL << 53)},
      BatchIssued{.campaign = CampaignNumber(2), .coupons = 10'000},
      ClockReset{.previous_time = At(9)}, ClockReset{.previous_time = At(-1'700'000'001)},
      UserErased{.campaign = CampaignNumber(1), .serials = {Serial(1)}},
      UserErased{.campaign = CampaignNumber(2),
                 .serials = {Serial(2), Serial(300), Serial(~0ULL)},
                 .claims_freed = true,
                 .request = request},
      ErasureFinished{.erasure = Sequence(300)}};
  return {.number = GroupNumber(1),
          .first_sequence = Sequence(1),
          .commit_time = At(5),
          .events = events};
}

/// Returns the whole record of a group that follows on nothing.
inline std::string Encode(const CommitGroup& group) {
  std::string record;
  EventCodec().Write(group, GroupHash{}, record);
  return record;
}
inline Result<CommitGroup> Decode(std::string_view record) {
  const CommitRecord parsed = TRY(ParseRecord(record));
  return EventCodec().Decode(parsed);
}

inline std::string PayloadOf(const CommitGroup& group) {
  return std::string(ParseRecord(Encode(group))->payload);
}
inline std::string HoldersOf(const CommitGroup& group) {
  return std::string(ParseRecord(Encode(group))->holders);
}
inline Result<CommitGroup> DecodeParts(std::string_view payload, std::string_view holders = {},
                                       RecordFormat format = RecordFormat::k2) {
  return EventCodec(format).Decode({.hash = {}, .payload = payload, .holders = holders});
}

/// Returns one field of a protobuf message in its wire format; its number is below 16.
inline std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}
inline std::string Field(int number, char value) { return {static_cast<char>(number << 3), value}; }
inline std::string FixedField(int number, char byte) {
  return static_cast<char>(number << 3 | 1) + std::string(8, byte);
}
/// Returns such a field with a number from 16 to 31.
inline std::string HighField(int number, const std::string& bytes) {
  return std::string{static_cast<char>((number << 3 & 0x7f) | 0x82), 1,
                     static_cast<char>(bytes.size())} +
         bytes;
}
inline std::string HighFixedField(int number, char byte) {
  return std::string{static_cast<char>((number << 3 & 0x7f) | 0x81), 1} + std::string(8, byte);
}

/// Returns the payload of a group 2 that begins at sequence 2 and has these events.
inline std::string GroupOf(const std::vector<std::string>& events) {
  std::string payload = Field(1, 2) + Field(2, 2);
  for (const std::string& event : events) payload += Field(4, event);
  return payload;
}
inline std::string GroupWith(const std::string& event) { return GroupOf({event}); }

}  // namespace coupond::storage

#endif  // COUPOND_TEST_STORAGE_FORMAT_CODEC_FIXTURE_H_

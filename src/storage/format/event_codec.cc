#include "storage/format/event_codec.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <variant>

#include "base/check.h"
#include "base/protobuf_fields.h"
#include "coupond/storage/v1/commit_group.pb.h"

namespace coupond::storage {
namespace {

using protobuf::AppendBytes;
using protobuf::AppendFixed64;
using protobuf::AppendNumber;
using protobuf::AppendTag;
using protobuf::AppendVarint;
using protobuf::VarintBytes;
using protobuf::WireType;

/// The size of the tag of a kind: its number is below 16.
constexpr std::size_t kKindTagBytes = 1;

/// Holds a group of some thousand anonymous coupons without asking for more.
constexpr std::size_t kFirstBlockBytes = 512 * 1'024;

std::unexpected<Error> Undecodable(std::string_view fault) {
  return MakeError(ErrorCode::kLogUndecodable, std::string(fault));
}

template <typename Tag>
std::string_view Bytes(const StrongBytes16<Tag>& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

/// Reads the field `name`, which must have 16 bytes.
template <typename Tag>
Status GetBytes(const std::string& from, std::string_view name, StrongBytes16<Tag>& to) {
  if (from.size() != to.bytes.size()) return Undecodable(std::string(name) + " is not 16 bytes");
  std::copy(from.begin(), from.end(), to.bytes.begin());
  return {};
}

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

// Each kind of event has three functions: Check finds what is wrong with an event in itself, Write
// appends the fields of its message, in the order of their numbers, and returns which kind of
// v1::Event they are; Read fills in a new event from its message. Encoder and decoder share Check,
// so that nothing is written that could not be read.

Status Check(const StoreCreated& event) {
  if (event.format_version == 0) return Undecodable("store_created has no format_version");
  return {};
}

int Write(const StoreCreated& event, std::string& out) {
  using Message = v1::StoreCreated;
  AppendBytes(Message::kStoreIdFieldNumber, Bytes(event.store_id), out);
  AppendBytes(Message::kCodeKeyFieldNumber, Bytes(event.code_key), out);
  AppendNumber(Message::kFormatVersionFieldNumber, event.format_version, out);
  return v1::Event::kStoreCreatedFieldNumber;
}

Status Read(const v1::StoreCreated& from, StoreCreated& to) {
  TRY(GetBytes(from.store_id(), "store_id", to.store_id));
  TRY(GetBytes(from.code_key(), "code_key", to.code_key));
  to.format_version = from.format_version();
  return {};
}

Status Check(const CampaignCreated& event) {
  if (event.number.value() == 0) return Undecodable("campaign_created has no campaign_number");
  if (event.name.empty()) return Undecodable("campaign_created has no name");
  if (event.total_coupons < 1) return Undecodable("campaign_created has no coupons");
  if (event.first_serial.value() == 0) return Undecodable("campaign_created has no first_serial");
  const auto total = static_cast<std::uint64_t>(event.total_coupons);
  if (event.first_serial.value() > std::numeric_limits<std::uint64_t>::max() - total) {
    return Undecodable("campaign_created has serials beyond 64 bits");
  }
  return {};
}

int Write(const CampaignCreated& event, std::string& out) {
  using Message = v1::CampaignCreated;
  AppendNumber(Message::kCampaignNumberFieldNumber, event.number.value(), out);
  AppendBytes(Message::kCampaignIdFieldNumber, Bytes(event.id), out);
  AppendBytes(Message::kNameFieldNumber, event.name, out);
  AppendNumber(Message::kTotalCouponsFieldNumber, static_cast<std::uint64_t>(event.total_coupons),
               out);
  AppendFixed64(Message::kStartTimeUnixNsFieldNumber, event.start_time.unix_nanoseconds(), out);
  AppendNumber(Message::kFirstSerialFieldNumber, event.first_serial.value(), out);
  return v1::Event::kCampaignCreatedFieldNumber;
}

Status Read(const v1::CampaignCreated& from, CampaignCreated& to) {
  to.number = CampaignNumber(from.campaign_number());
  TRY(GetBytes(from.campaign_id(), "campaign_id", to.id));
  to.name = from.name();
  to.total_coupons = from.total_coupons();
  to.start_time = Timestamp::FromUnixNanoseconds(from.start_time_unix_ns());
  to.first_serial = Serial(from.first_serial());
  return {};
}

Status Check(const CouponIssued& event) {
  if (event.campaign.value() == 0) return Undecodable("coupon_issued has no campaign_number");
  if (event.serial.value() == 0) return Undecodable("coupon_issued has no serial");
  return {};
}

int Write(const CouponIssued& event, std::string& out) {
  using Message = v1::CouponIssued;
  AppendNumber(Message::kCampaignNumberFieldNumber, event.campaign.value(), out);
  AppendNumber(Message::kSerialFieldNumber, event.serial.value(), out);
  if (event.claim) AppendBytes(Message::kClaimFieldNumber, Bytes(*event.claim), out);
  if (!event.user_id.empty()) AppendBytes(Message::kUserIdFieldNumber, event.user_id, out);
  return v1::Event::kCouponIssuedFieldNumber;
}

Status Read(const v1::CouponIssued& from, CouponIssued& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  to.serial = Serial(from.serial());
  if (from.has_claim()) TRY(GetBytes(from.claim(), "claim", to.claim.emplace()));
  to.user_id = from.user_id();
  return {};
}

Status Check(const CampaignDeleted& event) {
  if (event.campaign.value() == 0) return Undecodable("campaign_deleted has no campaign_number");
  return {};
}

int Write(const CampaignDeleted& event, std::string& out) {
  AppendNumber(v1::CampaignDeleted::kCampaignNumberFieldNumber, event.campaign.value(), out);
  return v1::Event::kCampaignDeletedFieldNumber;
}

Status Read(const v1::CampaignDeleted& from, CampaignDeleted& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  return {};
}

/// Makes `event` the one that a kind's message holds. In place: to return an event would move it
/// twice, which is a fifth of the time that decoding takes.
template <typename Kind, typename Message>
Status ReadKind(const Message& from, Event& event) {
  Kind& kind = event.emplace<Kind>();
  TRY(Read(from, kind));
  if (HasUnknownFields(from)) {
    return Undecodable(std::string(Kind::kKind) + " has a field that this version does not know");
  }
  return Check(kind);
}

Status ReadEvent(const v1::Event& from, Event& event) {
  if (HasUnknownFields(from)) {
    return Undecodable("an event of a kind that this version does not know");
  }
  switch (from.kind_case()) {
    case v1::Event::kStoreCreated:
      return ReadKind<StoreCreated>(from.store_created(), event);
    case v1::Event::kCampaignCreated:
      return ReadKind<CampaignCreated>(from.campaign_created(), event);
    case v1::Event::kCouponIssued:
      return ReadKind<CouponIssued>(from.coupon_issued(), event);
    case v1::Event::kCampaignDeleted:
      return ReadKind<CampaignDeleted>(from.campaign_deleted(), event);
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return Undecodable("an event without a kind");
}

/// Finds what is wrong with a group, apart from its events.
Status Check(const CommitGroup& group) {
  if (group.number.value() == 0) return Undecodable("no group number");
  if (group.first_sequence.value() == 0) return Undecodable("no first_sequence");
  if (group.events.empty()) return Undecodable("no events");
  if (group.first_sequence.value() >
      std::numeric_limits<std::uint64_t>::max() - group.events.size()) {
    return Undecodable("sequences beyond 64 bits");
  }
  return {};
}

}  // namespace

EventCodec::EventCodec() : first_block_(new char[kFirstBlockBytes]) {
  google::protobuf::ArenaOptions options;
  options.initial_block = first_block_.get();
  options.initial_block_size = kFirstBlockBytes;
  arena_ = std::make_unique<google::protobuf::Arena>(options);
}

EventCodec::~EventCodec() = default;

void EventCodec::Append(const CommitGroup& group, std::string& bytes) {
  using Message = v1::CommitGroup;
  COUPOND_CHECK(Check(group));
  AppendNumber(Message::kNumberFieldNumber, group.number.value(), bytes);
  AppendNumber(Message::kFirstSequenceFieldNumber, group.first_sequence.value(), bytes);
  AppendFixed64(Message::kCommitTimeUnixNsFieldNumber, group.commit_time.unix_nanoseconds(), bytes);
  for (const Event& event : group.events) {
    fields_.clear();
    const int kind = std::visit(
        [this](const auto& event_of_kind) {
          COUPOND_CHECK(Check(event_of_kind));
          return Write(event_of_kind, fields_);
        },
        event);
    // The event's message has one field, which holds that of the kind.
    AppendTag(Message::kEventsFieldNumber, WireType::kLengthDelimited, bytes);
    AppendVarint(kKindTagBytes + VarintBytes(fields_.size()) + fields_.size(), bytes);
    AppendBytes(kind, fields_, bytes);
  }
}

Result<CommitGroup> EventCodec::Decode(std::string_view payload) {
  arena_->Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<v1::CommitGroup>(arena_.get());
  if (payload.size() > std::numeric_limits<int>::max() ||
      !message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Undecodable("not a commit group");
  }
  if (HasUnknownFields(message)) return Undecodable("a field that this version does not know");
  CommitGroup group{.number = GroupNumber(message.number()),
                    .first_sequence = Sequence(message.first_sequence()),
                    .commit_time = Timestamp::FromUnixNanoseconds(message.commit_time_unix_ns()),
                    .events = std::vector<Event>(static_cast<std::size_t>(message.events_size()))};
  TRY(Check(group));
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const Status read = ReadEvent(message.events(static_cast<int>(i)), group.events[i]);
    if (!read) {
      return Undecodable(read.error().message + " (sequence " +
                         std::to_string(group.first_sequence.Plus(i).value()) + ")");
    }
  }
  // Protobuf lets the last one win when a field, or another kind of event, comes after the first.
  if (message.ByteSizeLong() != payload.size()) {
    return Undecodable("something is there twice, or in more bytes than it takes");
  }
  return group;
}

}  // namespace coupond::storage

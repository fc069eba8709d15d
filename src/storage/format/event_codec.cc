#include "storage/format/event_codec.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "coupond/storage/v1/commit_group.pb.h"

namespace coupond::storage {
namespace {

/// Holds a group of some thousand anonymous coupons without asking for more.
constexpr std::size_t kFirstBlockBytes = 512 * 1'024;

std::unexpected<Error> Undecodable(std::string_view fault) {
  return MakeError(ErrorCode::kLogUndecodable, std::string(fault));
}

template <typename Tag>
void SetBytes(const StrongBytes16<Tag>& from, std::string* to) {
  to->assign(reinterpret_cast<const char*>(from.bytes.data()), from.bytes.size());
}

/// Reads 16 bytes of the field `name`.
template <typename Bytes>
Result<Bytes> GetBytes(const std::string& from, std::string_view name) {
  Bytes to;
  if (from.size() != to.bytes.size()) return Undecodable(std::string(name) + " is not 16 bytes");
  std::copy(from.begin(), from.end(), to.bytes.begin());
  return to;
}

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

// Each kind of event has three functions: Check finds what is wrong with an event in itself, Write
// puts it into its message, Read takes it out again. Encoder and decoder share Check, so that
// nothing is written that could not be read.

Status Check(const StoreCreated& event) {
  if (event.format_version == 0) return Undecodable("store_created has no format_version");
  return {};
}

void Write(const StoreCreated& from, v1::Event& event) {
  v1::StoreCreated& to = *event.mutable_store_created();
  SetBytes(from.store_id, to.mutable_store_id());
  SetBytes(from.code_key, to.mutable_code_key());
  to.set_format_version(from.format_version);
}

Result<StoreCreated> Read(const v1::StoreCreated& from) {
  return StoreCreated{.store_id = TRY(GetBytes<StoreId>(from.store_id(), "store_id")),
                      .code_key = TRY(GetBytes<CodeKey>(from.code_key(), "code_key")),
                      .format_version = from.format_version()};
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

void Write(const CampaignCreated& from, v1::Event& event) {
  v1::CampaignCreated& to = *event.mutable_campaign_created();
  to.set_campaign_number(from.number.value());
  SetBytes(from.id, to.mutable_campaign_id());
  to.set_name(from.name);
  to.set_total_coupons(from.total_coupons);
  to.set_start_time_unix_ns(from.start_time.unix_nanoseconds());
  to.set_first_serial(from.first_serial.value());
}

Result<CampaignCreated> Read(const v1::CampaignCreated& from) {
  return CampaignCreated{.number = CampaignNumber(from.campaign_number()),
                         .id = TRY(GetBytes<CampaignId>(from.campaign_id(), "campaign_id")),
                         .name = from.name(),
                         .total_coupons = from.total_coupons(),
                         .start_time = Timestamp::FromUnixNanoseconds(from.start_time_unix_ns()),
                         .first_serial = Serial(from.first_serial())};
}

Status Check(const CouponIssued& event) {
  if (event.campaign.value() == 0) return Undecodable("coupon_issued has no campaign_number");
  if (event.serial.value() == 0) return Undecodable("coupon_issued has no serial");
  return {};
}

void Write(const CouponIssued& from, v1::Event& event) {
  v1::CouponIssued& to = *event.mutable_coupon_issued();
  to.set_campaign_number(from.campaign.value());
  to.set_serial(from.serial.value());
  if (from.claim) SetBytes(*from.claim, to.mutable_claim());
  if (!from.user_id.empty()) to.set_user_id(from.user_id);
}

Result<CouponIssued> Read(const v1::CouponIssued& from) {
  CouponIssued event{.campaign = CampaignNumber(from.campaign_number()),
                     .serial = Serial(from.serial()),
                     .claim = {},
                     .user_id = from.user_id()};
  if (from.has_claim()) event.claim = TRY(GetBytes<Claim>(from.claim(), "claim"));
  return event;
}

Status Check(const CampaignDeleted& event) {
  if (event.campaign.value() == 0) return Undecodable("campaign_deleted has no campaign_number");
  return {};
}

void Write(const CampaignDeleted& from, v1::Event& event) {
  event.mutable_campaign_deleted()->set_campaign_number(from.campaign.value());
}

Result<CampaignDeleted> Read(const v1::CampaignDeleted& from) {
  return CampaignDeleted{.campaign = CampaignNumber(from.campaign_number())};
}

/// Reads the message of one kind into `event`.
template <typename Message>
Status ReadKind(const Message& from, Event& event) {
  auto read = TRY(Read(from));
  if (HasUnknownFields(from)) {
    return Undecodable(std::string(read.kKind) + " has a field that this version does not know");
  }
  event = std::move(read);
  return {};
}

Status ReadEvent(const v1::Event& from, Event& event) {
  if (HasUnknownFields(from))
    return Undecodable("an event of a kind that this version does not know");
  switch (from.kind_case()) {
    case v1::Event::kStoreCreated:
      return ReadKind(from.store_created(), event);
    case v1::Event::kCampaignCreated:
      return ReadKind(from.campaign_created(), event);
    case v1::Event::kCouponIssued:
      return ReadKind(from.coupon_issued(), event);
    case v1::Event::kCampaignDeleted:
      return ReadKind(from.campaign_deleted(), event);
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return Undecodable("an event without a kind");
}

/// Finds what is wrong with an event at this place in the log.
Status Check(const Event& event, Sequence sequence) {
  if (std::holds_alternative<StoreCreated>(event) != (sequence == Sequence(1))) {
    return Undecodable("store_created must be the first event of the log, and only there");
  }
  return std::visit([](const auto& kind) { return Check(kind); }, event);
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
  COUPOND_CHECK(Check(group));
  arena_->Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<v1::CommitGroup>(arena_.get());
  message.set_number(group.number.value());
  message.set_first_sequence(group.first_sequence.value());
  message.set_commit_time_unix_ns(group.commit_time.unix_nanoseconds());
  message.mutable_events()->Reserve(static_cast<int>(group.events.size()));
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    COUPOND_CHECK(Check(group.events[i], group.first_sequence.Plus(i)));
    v1::Event& event = *message.add_events();
    std::visit([&event](const auto& kind) { Write(kind, event); }, group.events[i]);
  }
  COUPOND_CHECK(message.AppendToString(&bytes));
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
    const Sequence sequence = group.first_sequence.Plus(i);
    Status read = ReadEvent(message.events(static_cast<int>(i)), group.events[i]);
    if (read) read = Check(group.events[i], sequence);
    if (!read) {
      return Undecodable(read.error().message + " (sequence " + std::to_string(sequence.value()) +
                         ")");
    }
  }
  // Protobuf lets the last one win when a field, or another kind of event, comes after the first.
  if (message.ByteSizeLong() != payload.size()) {
    return Undecodable("something is there twice, or in more bytes than it takes");
  }
  return group;
}

}  // namespace coupond::storage

#include "storage/format/event_codec.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <variant>

#include "base/check.h"
#include "base/protobuf_fields.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/format/event_messages.h"

namespace coupond::storage {
namespace {

using protobuf::AppendBytes;
using protobuf::AppendFixed64;
using protobuf::AppendNumber;
using protobuf::VarintBytes;
using protobuf::Varints;
using protobuf::WireType;

/// Returns the size of the tag of a kind.
constexpr std::size_t KindTagBytes(int kind) { return kind < 16 ? 1 : 2; }

/// Holds a group of some thousand anonymous coupons without asking for more.
constexpr std::size_t kFirstBlockBytes = 512 * 1'024;

/// Finds what is wrong with a group, apart from its events.
Status Check(const CommitGroup& group) {
  if (group.number.value() == 0) return Undecodable("no group number");
  if (group.first_sequence.value() == 0) return Undecodable("no first_sequence");
  if (group.events.empty()) return Undecodable("no events");
  if (group.first_sequence.value() >
      std::numeric_limits<std::uint64_t>::max() - group.events.size()) {
    return Undecodable("sequences beyond 64 bits");
  }
  if (!group.keys.empty() && group.keys.size() != group.events.size()) {
    return Undecodable("not one key for each event");
  }
  return {};
}

}  // namespace

EventCodec::EventCodec(RecordFormat format)
    : format_(format), first_block_(new char[kFirstBlockBytes]) {
  google::protobuf::ArenaOptions options;
  options.initial_block = first_block_.get();
  options.initial_block_size = kFirstBlockBytes;
  arena_ = std::make_unique<google::protobuf::Arena>(options);
}

EventCodec::~EventCodec() = default;

GroupHash EventCodec::Write(const CommitGroup& group, const GroupHash& previous,
                            std::string& record) {
  record.assign(kRecordHeadBytes, '\0');
  holders_.clear();
  AppendPayload(group, record);
  const std::size_t payload_bytes = record.size() - kRecordHeadBytes;
  record.append(holders_);
  return SealRecord(previous, payload_bytes, record);
}

void EventCodec::AppendPayload(const CommitGroup& group, std::string& bytes) {
  using Message = v1::CommitGroup;
  COUPOND_CHECK(Check(group));
  AppendNumber(Message::kNumberFieldNumber, group.number.value(), bytes);
  AppendNumber(Message::kFirstSequenceFieldNumber, group.first_sequence.value(), bytes);
  AppendFixed64(Message::kCommitTimeUnixNsFieldNumber, group.commit_time.unix_nanoseconds(), bytes);
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const Event& event = group.events[i];
    fields_.clear();
    const int kind = WriteEvent(event, fields_);
    const KeyId key = group.KeyOf(i);
    const std::size_t key_bytes = key == kNoKey ? 0 : kKeyFieldBytes;
    // The event's message has the field of the kind, and that of the key if there is one.
    Varints heads;
    heads.AddTag(Message::kEventsFieldNumber, WireType::kLengthDelimited);
    heads.Add(KindTagBytes(kind) + VarintBytes(fields_.size()) + fields_.size() + key_bytes);
    heads.AddTag(kind, WireType::kLengthDelimited);
    heads.Add(fields_.size());
    heads.AppendTo(bytes);
    bytes.append(fields_);
    WriteKey(key, kind, bytes);
    if (const auto* const issued = std::get_if<CouponIssued>(&event)) AddHolder(i, *issued);
  }
}

void EventCodec::AddHolder(std::size_t event, const CouponIssued& issued) {
  using Message = v1::Holders::Holder;
  if (issued.user_id.empty()) return;
  fields_.clear();
  AppendNumber(Message::kEventFieldNumber, event, fields_);
  AppendBytes(Message::kUserIdFieldNumber, issued.user_id, fields_);
  AppendBytes(v1::Holders::kHoldersFieldNumber, fields_, holders_);
}

Result<std::optional<std::string>> EventCodec::WithoutTexts(
    std::string_view record, const std::function<bool(Serial)>& is_erased) {
  const CommitRecord parts = TRY(ParseRecord(record, format_));
  if (parts.holders.empty()) return std::nullopt;
  const CommitGroup group = TRY(Decode(parts));
  holders_.clear();
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const auto* const issued = std::get_if<CouponIssued>(&group.events[i]);
    if (issued != nullptr && !is_erased(issued->serial)) AddHolder(i, *issued);
  }
  if (holders_.size() == parts.holders.size()) return std::nullopt;
  std::string without(record.substr(0, record.size() - parts.holders.size()));
  without.append(holders_);
  return without;
}

Status EventCodec::ReadHolders(std::string_view bytes, CommitGroup& group) {
  if (bytes.empty()) return {};
  auto& message = *google::protobuf::Arena::CreateMessage<v1::Holders>(arena_.get());
  if (bytes.size() > std::numeric_limits<int>::max() ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Undecodable("what follows the events are not its holders");
  }
  if (HasUnknownFields(message)) return Undecodable("holders with an unknown field");
  std::size_t next = 0;
  for (const v1::Holders::Holder& holder : message.holders()) {
    if (HasUnknownFields(holder)) return Undecodable("a holder with an unknown field");
    if (holder.event() < next || holder.event() >= group.events.size()) {
      return Undecodable("holders that are not in the order of their events");
    }
    next = std::size_t{holder.event()} + 1;
    auto* const issued = std::get_if<CouponIssued>(&group.events[holder.event()]);
    if (issued == nullptr || !issued->holder || holder.user_id().empty()) {
      return Undecodable("a user_id for an event that has no holder, or an empty one");
    }
    issued->user_id = holder.user_id();
  }
  if (message.ByteSizeLong() != bytes.size()) {
    return Undecodable("holders in more bytes than they take");
  }
  return {};
}

Result<CommitGroup> EventCodec::Decode(const CommitRecord& record) {
  const std::string_view payload = record.payload;
  arena_->Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<v1::CommitGroup>(arena_.get());
  if (payload.size() > std::numeric_limits<int>::max() ||
      !message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Undecodable("not a commit group");
  }
  if (HasUnknownFields(message) || message.term() != 0 || !message.leader().empty()) {
    return Undecodable("a field that this version does not know");
  }
  CommitGroup group{.number = GroupNumber(message.number()),
                    .first_sequence = Sequence(message.first_sequence()),
                    .commit_time = Timestamp::FromUnixNanoseconds(message.commit_time_unix_ns()),
                    .events = std::vector<Event>(static_cast<std::size_t>(message.events_size()))};
  TRY(Check(group));
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const v1::Event& from = message.events(static_cast<int>(i));
    const auto read = [&]() -> Status {
      TRY(ReadEvent(from, format_, group.events[i]));
      const KeyId key = TRY(ReadKey(from, format_));
      group.AddKeys(i, i + 1, key);
      return {};
    }();
    if (!read) {
      return Undecodable(read.error().message + " (sequence " +
                         std::to_string(group.first_sequence.Plus(i).value()) + ")");
    }
  }
  // Protobuf lets the last one win when a field, or another kind of event, comes after the first.
  if (message.ByteSizeLong() != payload.size()) {
    return Undecodable("something is there twice, or in more bytes than it takes");
  }
  TRY(ReadHolders(record.holders, group));
  return group;
}

}  // namespace coupond::storage

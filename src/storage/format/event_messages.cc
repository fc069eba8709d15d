#include "storage/format/event_messages.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/protobuf_fields.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/rules/limits.h"
#include "storage/format/kind_messages.h"
#include "storage/format/message_parts.h"

namespace coupond::storage {
namespace {

using protobuf::AppendBytes;
using protobuf::AppendFixed64;
using protobuf::AppendNumber;
using protobuf::AppendVarint;
using protobuf::Varints;

/// Reads the message as format 1 has it: with the user_id, and one claim for both digests.
Status ReadFormat1(const v1::CouponIssued& from, CouponIssued& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  to.serial = Serial(from.serial());
  to.user_id = from.user_id();
  if (!from.has_claim()) return {};
  std::optional<Claim>& claim = to.user_id.empty() ? to.request_key : to.holder;
  return GetBytes(from.claim(), "claim", claim.emplace());
}

/// Reports whether a caller's command leads to events of this kind, so that they may have a key.
bool HasCaller(int kind) {
  return kind != v1::Event::kStoreCreatedFieldNumber &&
         kind != v1::Event::kStoreRestoredFieldNumber &&
         kind != v1::Event::kErasureFinishedFieldNumber;
}

/// The last kind of format 1.
constexpr v1::Event::KindCase kLastKindOfFormat1 = v1::Event::kCouponVoided;
/// The kinds whose messages have more fields in format 2, and the last field that they have in
/// format 1.
struct KindOfFormat1 {
  v1::Event::KindCase kind;
  int last_field;
};
constexpr std::array kKindsOfFormat1 = {
    KindOfFormat1{v1::Event::kCampaignCreated, v1::CampaignCreated::kMetadataFieldNumber},
    KindOfFormat1{v1::Event::kCouponIssued, v1::CouponIssued::kUserIdFieldNumber},
    KindOfFormat1{v1::Event::kCampaignUpdated, v1::CampaignUpdated::kAddedSerialsFieldNumber},
    KindOfFormat1{v1::Event::kCouponVoided, v1::CouponVoided::kRequestContentFieldNumber},
};

/// Checks that the event is of a kind of format 1, and has only fields that the kind has there.
Status CheckIsOfFormat1(const v1::Event& event) {
  if (event.kind_case() > kLastKindOfFormat1) return Undecodable("an event of format 2");
  const auto* const known =
      std::ranges::find(kKindsOfFormat1, event.kind_case(), &KindOfFormat1::kind);
  if (known == kKindsOfFormat1.end()) return {};
  const google::protobuf::FieldDescriptor& field =
      *event.GetDescriptor()->FindFieldByNumber(event.kind_case());
  const google::protobuf::Message& message = event.GetReflection()->GetMessage(event, &field);
  std::vector<const google::protobuf::FieldDescriptor*> present;
  message.GetReflection()->ListFields(message, &present);
  if (present.empty() || present.back()->number() <= known->last_field) return {};
  return Undecodable(std::string(field.name()) + " has a field of format 2");
}

/// Checks an event that was read from `from`.
template <typename Kind, typename Message>
Status Understood(const Message& from, const Kind& event) {
  if (HasUnknownFields(from)) {
    return Undecodable(std::string(kKindName<Kind>) +
                       " has a field that this version does not know");
  }
  return Check(event);
}

/// Makes `event` the one that a kind's message holds. In place: to return an event would move it
/// twice, which is a fifth of the time that decoding takes.
template <typename Kind, typename Message>
Status ReadKind(const Message& from, Event& event) {
  Kind& kind = event.emplace<Kind>();
  TRY(Read(from, kind));
  return Understood(from, kind);
}

}  // namespace

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

Status Check(const CouponIssued& event) {
  if (event.campaign.value() == 0) return Undecodable("coupon_issued has no campaign_number");
  if (event.serial.value() == 0) return Undecodable("coupon_issued has no serial");
  if (!event.user_id.empty() && !event.holder) {
    return Undecodable("coupon_issued has a user_id, but no holder");
  }
  return {};
}

int Write(const CouponIssued& event, std::string& out) {
  using Message = v1::CouponIssued;
  Varints numbers;
  numbers.AddNumber(Message::kCampaignNumberFieldNumber, event.campaign.value());
  numbers.AddNumber(Message::kSerialFieldNumber, event.serial.value());
  numbers.AppendTo(out);
  if (event.holder) AppendBytes(Message::kHolderFieldNumber, Bytes(*event.holder), out);
  if (event.request_key) {
    AppendBytes(Message::kRequestKeyFieldNumber, Bytes(*event.request_key), out);
  }
  return v1::Event::kCouponIssuedFieldNumber;
}

Status Read(const v1::CouponIssued& from, CouponIssued& to) {
  if (from.has_claim() || !from.user_id().empty()) {
    return Undecodable("coupon_issued has a field of format 1");
  }
  to.campaign = CampaignNumber(from.campaign_number());
  to.serial = Serial(from.serial());
  if (from.has_holder()) TRY(GetBytes(from.holder(), "holder", to.holder.emplace()));
  if (from.has_request_key()) {
    TRY(GetBytes(from.request_key(), "request_key", to.request_key.emplace()));
  }
  return {};
}

Status Check(const StoreRestored& event) {
  if (event.first_serial.value() == 0) return Undecodable("store_restored has no first_serial");
  return {};
}

int Write(const StoreRestored& event, std::string& out) {
  AppendNumber(v1::StoreRestored::kFirstSerialFieldNumber, event.first_serial.value(), out);
  return v1::Event::kStoreRestoredFieldNumber;
}

Status Read(const v1::StoreRestored& from, StoreRestored& to) {
  to.first_serial = Serial(from.first_serial());
  return {};
}

Status Check(const BatchIssued& event) {
  if (event.campaign.value() == 0) return Undecodable("batch_issued has no campaign_number");
  if (event.coupons == 0) return Undecodable("batch_issued has no coupons");
  return {};
}

int Write(const BatchIssued& event, std::string& out) {
  using Message = v1::BatchIssued;
  AppendNumber(Message::kCampaignNumberFieldNumber, event.campaign.value(), out);
  AppendNumber(Message::kCouponsFieldNumber, event.coupons, out);
  WriteRequest<Message>(event.request, out);
  return v1::Event::kBatchIssuedFieldNumber;
}

Status Read(const v1::BatchIssued& from, BatchIssued& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  to.coupons = from.coupons();
  return ReadRequest(from, to);
}

Status Check(const ClockReset&) { return {}; }

int Write(const ClockReset& event, std::string& out) {
  AppendFixed64(v1::ClockReset::kPreviousTimeUnixNsFieldNumber,
                event.previous_time.unix_nanoseconds(), out);
  return v1::Event::kClockResetFieldNumber;
}

Status Read(const v1::ClockReset& from, ClockReset& to) {
  to.previous_time = Timestamp::FromUnixNanoseconds(from.previous_time_unix_ns());
  return {};
}

Status Check(const UserErased& event) {
  if (event.campaign.value() == 0) return Undecodable("user_erased has no campaign_number");
  if (event.serials.empty()) return Undecodable("user_erased has no serials");
  if (event.serials.size() > limits::kErasedCouponsMax) {
    return Undecodable("user_erased has too many serials");
  }
  const bool ascend =
      std::ranges::adjacent_find(event.serials, std::greater_equal<>()) == event.serials.end();
  if (event.serials.front().value() == 0 || !ascend) {
    return Undecodable("user_erased has serials that do not ascend");
  }
  return {};
}

int Write(const UserErased& event, std::string& out) {
  using Message = v1::UserErased;
  AppendNumber(Message::kCampaignNumberFieldNumber, event.campaign.value(), out);
  std::string serials;
  for (const Serial serial : event.serials) AppendVarint(serial.value(), serials);
  AppendBytes(Message::kSerialsFieldNumber, serials, out);
  AppendNumber(Message::kClaimsFreedFieldNumber, event.claims_freed ? 1 : 0, out);
  WriteRequest<Message>(event.request, out);
  return v1::Event::kUserErasedFieldNumber;
}

Status Read(const v1::UserErased& from, UserErased& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  to.serials.reserve(static_cast<std::size_t>(from.serials_size()));
  for (const std::uint64_t serial : from.serials()) to.serials.emplace_back(serial);
  to.claims_freed = from.claims_freed();
  return ReadRequest(from, to);
}

Status Check(const ErasureFinished& event) {
  if (event.erasure.value() == 0) return Undecodable("erasure_finished has no erasure");
  return {};
}

int Write(const ErasureFinished& event, std::string& out) {
  AppendNumber(v1::ErasureFinished::kErasureFieldNumber, event.erasure.value(), out);
  return v1::Event::kErasureFinishedFieldNumber;
}

Status Read(const v1::ErasureFinished& from, ErasureFinished& to) {
  to.erasure = Sequence(from.erasure());
  return {};
}

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

int WriteEvent(const Event& event, std::string& fields) {
  return std::visit(
      [&fields](const auto& kind) {
        COUPOND_CHECK(Check(kind));
        return Write(kind, fields);
      },
      event);
}

Status ReadEvent(const v1::Event& from, RecordFormat format, Event& event) {
  if (HasUnknownFields(from)) {
    return Undecodable("an event of a kind, or with a field, that this version does not know");
  }
  if (format == RecordFormat::k1) {
    TRY(CheckIsOfFormat1(from));
    if (from.has_coupon_issued()) {
      auto& issued = event.emplace<CouponIssued>();
      TRY(ReadFormat1(from.coupon_issued(), issued));
      return Understood(from.coupon_issued(), issued);
    }
  }
  switch (from.kind_case()) {
#define COUPOND_READ(Kind, name) \
  case v1::Event::k##Kind:       \
    return ReadKind<Kind>(from.name(), event);
    COUPOND_FOR_EACH_EVENT_KIND(COUPOND_READ)
#undef COUPOND_READ
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return Undecodable("an event without a kind");
}

void WriteKey(KeyId key, int kind, std::string& out) {
  if (key == kNoKey) return;
  COUPOND_CHECK(HasCaller(kind));
  AppendFixed64(v1::Event::kKeyIdFieldNumber, static_cast<std::int64_t>(key.value()), out);
}

Result<KeyId> ReadKey(const v1::Event& from, RecordFormat format) {
  if (!from.has_key_id()) return kNoKey;
  if (format == RecordFormat::k1) return Undecodable("an event with a key_id, of format 2");
  if (!HasCaller(from.kind_case())) {
    return Undecodable("an event that no caller asks for, with a key_id");
  }
  if (from.key_id() == 0) return Undecodable("an event with the key_id of no key");
  return KeyId(from.key_id());
}

}  // namespace coupond::storage

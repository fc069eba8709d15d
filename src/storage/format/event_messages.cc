#include "storage/format/event_messages.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/protobuf_fields.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/format/coupon_messages.h"
#include "storage/format/message_parts.h"

namespace coupond::storage {
namespace {

using protobuf::AppendBytes;
using protobuf::AppendFixed64;
using protobuf::AppendNumber;
using protobuf::AppendPresentFixed64;
using protobuf::Varints;
using storage::Check;
using storage::Read;
using storage::Write;

Status CheckMetadata(const std::vector<MetadataEntry>& metadata) {
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    if (metadata[i].key.empty()) return Undecodable("metadata has an entry without a key");
    if (i > 0 && metadata[i - 1].key >= metadata[i].key) {
      return Undecodable("metadata is not in the order of its keys");
    }
  }
  return {};
}

void AppendMetadata(int field, const std::vector<MetadataEntry>& metadata, std::string& out) {
  std::string entry_bytes;
  for (const MetadataEntry& entry : metadata) {
    entry_bytes.clear();
    AppendBytes(v1::MetadataEntry::kKeyFieldNumber, entry.key, entry_bytes);
    if (!entry.value.empty()) {
      AppendBytes(v1::MetadataEntry::kValueFieldNumber, entry.value, entry_bytes);
    }
    AppendBytes(field, entry_bytes, out);
  }
}

template <typename Entries>
Status GetMetadata(const Entries& from, std::vector<MetadataEntry>& to) {
  for (const v1::MetadataEntry& entry : from) {
    if (HasUnknownFields(entry)) {
      return Undecodable("metadata has a field that this version does not know");
    }
    to.push_back({.key = entry.key(), .value = entry.value()});
  }
  return {};
}

/// CampaignPaused and CampaignResumed have the same fields.
template <typename Kind>
Status CheckActivities(const Kind& event) {
  if (event.campaign.value() == 0) {
    return Undecodable(std::string(Kind::kKind) + " has no campaign_number");
  }
  if (!event.activities.any()) {
    return Undecodable(std::string(Kind::kKind) + " names neither issuing nor redeeming");
  }
  return {};
}

template <typename Message, typename Kind>
void WriteActivities(const Kind& event, std::string& out) {
  AppendNumber(Message::kCampaignNumberFieldNumber, event.campaign.value(), out);
  AppendNumber(Message::kIssuingFieldNumber, std::uint64_t{event.activities.issuing}, out);
  AppendNumber(Message::kRedeemingFieldNumber, std::uint64_t{event.activities.redeeming}, out);
  if (!event.reason.empty()) AppendBytes(Message::kReasonFieldNumber, event.reason, out);
}

template <typename Message, typename Kind>
Status ReadActivities(const Message& from, Kind& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  to.activities = {.issuing = from.issuing(), .redeeming = from.redeeming()};
  to.reason = from.reason();
  return {};
}

// Each kind of event has three functions: Check finds what is wrong with an event in itself, Write
// appends the fields of its message, in the order of their numbers, and returns which kind of
// v1::Event they are; Read fills in a new event from its message. Writing and reading share Check,
// so nothing is written that could not be read. Those of what becomes of issued coupons are in
// coupon_messages.cc.

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
  if (event.terms.name.empty()) return Undecodable("campaign_created has no name");
  if (event.terms.total_coupons < 1) return Undecodable("campaign_created has no coupons");
  TRY(CheckMetadata(event.terms.metadata));
  return CheckSerials(CampaignCreated::kKind,
                      {.first = event.first_serial,
                       .count = static_cast<std::uint64_t>(event.terms.total_coupons)});
}

int Write(const CampaignCreated& event, std::string& out) {
  using Message = v1::CampaignCreated;
  const CampaignTerms& terms = event.terms;
  AppendNumber(Message::kCampaignNumberFieldNumber, event.number.value(), out);
  AppendBytes(Message::kCampaignIdFieldNumber, Bytes(event.id), out);
  AppendBytes(Message::kNameFieldNumber, terms.name, out);
  AppendNumber(Message::kTotalCouponsFieldNumber, static_cast<std::uint64_t>(terms.total_coupons),
               out);
  AppendFixed64(Message::kStartTimeUnixNsFieldNumber, terms.start_time.unix_nanoseconds(), out);
  AppendNumber(Message::kFirstSerialFieldNumber, event.first_serial.value(), out);
  if (terms.end_time != kNever) {
    AppendPresentFixed64(Message::kEndTimeUnixNsFieldNumber, terms.end_time.unix_nanoseconds(),
                         out);
  }
  if (!terms.description.empty()) {
    AppendBytes(Message::kDescriptionFieldNumber, terms.description, out);
  }
  AppendMetadata(Message::kMetadataFieldNumber, terms.metadata, out);
  return v1::Event::kCampaignCreatedFieldNumber;
}

Status Read(const v1::CampaignCreated& from, CampaignCreated& to) {
  to.number = CampaignNumber(from.campaign_number());
  TRY(GetBytes(from.campaign_id(), "campaign_id", to.id));
  to.terms.name = from.name();
  to.terms.total_coupons = from.total_coupons();
  to.terms.start_time = Timestamp::FromUnixNanoseconds(from.start_time_unix_ns());
  to.first_serial = Serial(from.first_serial());
  if (from.has_end_time_unix_ns()) {
    to.terms.end_time = Timestamp::FromUnixNanoseconds(from.end_time_unix_ns());
    if (to.terms.end_time == kNever)
      return Undecodable("campaign_created has an end_time that stands for no end");
  }
  to.terms.description = from.description();
  return GetMetadata(from.metadata(), to.terms.metadata);
}

Status Check(const CouponIssued& event) {
  if (event.campaign.value() == 0) return Undecodable("coupon_issued has no campaign_number");
  if (event.serial.value() == 0) return Undecodable("coupon_issued has no serial");
  return {};
}

int Write(const CouponIssued& event, std::string& out) {
  using Message = v1::CouponIssued;
  Varints numbers;
  numbers.AddNumber(Message::kCampaignNumberFieldNumber, event.campaign.value());
  numbers.AddNumber(Message::kSerialFieldNumber, event.serial.value());
  numbers.AppendTo(out);
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

Status Check(const CampaignUpdated& event) {
  const TermChanges& changes = event.changes;
  if (event.campaign.value() == 0) return Undecodable("campaign_updated has no campaign_number");
  if (changes.empty()) return Undecodable("campaign_updated changes nothing");
  if (changes.name && changes.name->empty()) return Undecodable("campaign_updated has no name");
  if (changes.total_coupons && *changes.total_coupons < 1) {
    return Undecodable("campaign_updated has no coupons");
  }
  if (changes.metadata) TRY(CheckMetadata(*changes.metadata));
  if (!event.added_serials) return {};
  if (event.added_serials->count == 0) return Undecodable("campaign_updated adds no serials");
  return CheckSerials(CampaignUpdated::kKind, *event.added_serials);
}

int Write(const CampaignUpdated& event, std::string& out) {
  using Message = v1::CampaignUpdated;
  const TermChanges& changes = event.changes;
  AppendNumber(Message::kCampaignNumberFieldNumber, event.campaign.value(), out);
  if (changes.name) AppendBytes(Message::kNameFieldNumber, *changes.name, out);
  if (changes.total_coupons) {
    AppendNumber(Message::kTotalCouponsFieldNumber,
                 static_cast<std::uint64_t>(*changes.total_coupons), out);
  }
  if (changes.start_time) {
    AppendPresentFixed64(Message::kStartTimeUnixNsFieldNumber,
                         changes.start_time->unix_nanoseconds(), out);
  }
  if (changes.end_time) {
    AppendPresentFixed64(Message::kEndTimeUnixNsFieldNumber, changes.end_time->unix_nanoseconds(),
                         out);
  }
  if (changes.description) {
    AppendBytes(Message::kDescriptionFieldNumber, *changes.description, out);
  }
  if (changes.metadata) {
    std::string entries;
    AppendMetadata(Message::Metadata::kEntriesFieldNumber, *changes.metadata, entries);
    AppendBytes(Message::kMetadataFieldNumber, entries, out);
  }
  if (event.added_serials) {
    AppendNumber(Message::kFirstAddedSerialFieldNumber, event.added_serials->first.value(), out);
    AppendNumber(Message::kAddedSerialsFieldNumber, event.added_serials->count, out);
  }
  return v1::Event::kCampaignUpdatedFieldNumber;
}

Status Read(const v1::CampaignUpdated& from, CampaignUpdated& to) {
  TermChanges& changes = to.changes;
  to.campaign = CampaignNumber(from.campaign_number());
  if (from.has_name()) changes.name = from.name();
  if (from.has_total_coupons()) changes.total_coupons = from.total_coupons();
  if (from.has_start_time_unix_ns()) {
    changes.start_time = Timestamp::FromUnixNanoseconds(from.start_time_unix_ns());
  }
  if (from.has_end_time_unix_ns()) {
    changes.end_time = Timestamp::FromUnixNanoseconds(from.end_time_unix_ns());
  }
  if (from.has_description()) changes.description = from.description();
  if (from.has_metadata()) {
    if (HasUnknownFields(from.metadata())) {
      return Undecodable("metadata has a field that this version does not know");
    }
    TRY(GetMetadata(from.metadata().entries(), changes.metadata.emplace()));
  }
  if (from.first_added_serial() != 0 || from.added_serials() != 0) {
    to.added_serials =
        SerialRange{.first = Serial(from.first_added_serial()), .count = from.added_serials()};
  }
  return {};
}

Status Check(const CampaignPaused& event) { return CheckActivities(event); }

int Write(const CampaignPaused& event, std::string& out) {
  WriteActivities<v1::CampaignPaused>(event, out);
  return v1::Event::kCampaignPausedFieldNumber;
}

Status Read(const v1::CampaignPaused& from, CampaignPaused& to) { return ReadActivities(from, to); }

Status Check(const CampaignResumed& event) { return CheckActivities(event); }

int Write(const CampaignResumed& event, std::string& out) {
  WriteActivities<v1::CampaignResumed>(event, out);
  return v1::Event::kCampaignResumedFieldNumber;
}

Status Read(const v1::CampaignResumed& from, CampaignResumed& to) {
  return ReadActivities(from, to);
}

Status Check(const CampaignArchived& event) {
  if (event.campaign.value() == 0) return Undecodable("campaign_archived has no campaign_number");
  return {};
}

int Write(const CampaignArchived& event, std::string& out) {
  AppendNumber(v1::CampaignArchived::kCampaignNumberFieldNumber, event.campaign.value(), out);
  return v1::Event::kCampaignArchivedFieldNumber;
}

Status Read(const v1::CampaignArchived& from, CampaignArchived& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  return {};
}

Status Check(const CampaignUnarchived& event) {
  if (event.campaign.value() == 0) return Undecodable("campaign_unarchived has no campaign_number");
  return {};
}

int Write(const CampaignUnarchived& event, std::string& out) {
  AppendNumber(v1::CampaignUnarchived::kCampaignNumberFieldNumber, event.campaign.value(), out);
  return v1::Event::kCampaignUnarchivedFieldNumber;
}

Status Read(const v1::CampaignUnarchived& from, CampaignUnarchived& to) {
  to.campaign = CampaignNumber(from.campaign_number());
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

}  // namespace

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
    case v1::Event::kCampaignUpdated:
      return ReadKind<CampaignUpdated>(from.campaign_updated(), event);
    case v1::Event::kCampaignPaused:
      return ReadKind<CampaignPaused>(from.campaign_paused(), event);
    case v1::Event::kCampaignResumed:
      return ReadKind<CampaignResumed>(from.campaign_resumed(), event);
    case v1::Event::kCampaignArchived:
      return ReadKind<CampaignArchived>(from.campaign_archived(), event);
    case v1::Event::kCampaignUnarchived:
      return ReadKind<CampaignUnarchived>(from.campaign_unarchived(), event);
    case v1::Event::kCouponRedeemed:
      return ReadKind<CouponRedeemed>(from.coupon_redeemed(), event);
    case v1::Event::kRedemptionCanceled:
      return ReadKind<RedemptionCanceled>(from.redemption_canceled(), event);
    case v1::Event::kCouponVoided:
      return ReadKind<CouponVoided>(from.coupon_voided(), event);
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return Undecodable("an event without a kind");
}

}  // namespace coupond::storage

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/protobuf_fields.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/format/event_messages.h"
#include "storage/format/kind_messages.h"
#include "storage/format/message_parts.h"

namespace coupond::storage {
namespace {

using protobuf::AppendBytes;
using protobuf::AppendFixed64;
using protobuf::AppendNumber;
using protobuf::AppendPresentFixed64;
using protobuf::AppendPresentNumber;

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
    return Undecodable(std::string(kKindName<Kind>) + " has no campaign_number");
  }
  if (!event.activities.any()) {
    return Undecodable(std::string(kKindName<Kind>) + " names neither issuing nor redeeming");
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

Result<std::chrono::nanoseconds> ReadDuration(std::uint64_t nanoseconds) {
  if (nanoseconds > static_cast<std::uint64_t>(kUnlimited.count())) {
    return Undecodable("valid_duration_ns is beyond 63 bits");
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds));
}

/// Reads the terms that are absent where they have the value that stands for none.
Status ReadOptionalTerms(const v1::CampaignCreated& from, CampaignTerms& terms) {
  terms.description = from.description();
  TRY(GetMetadata(from.metadata(), terms.metadata));
  if (from.has_end_time_unix_ns()) {
    terms.end_time = Timestamp::FromUnixNanoseconds(from.end_time_unix_ns());
    if (terms.end_time == kNever) {
      return Undecodable("campaign_created has an end_time that stands for no end");
    }
  }
  if (from.coupons_per_user() == 1) {
    return Undecodable("campaign_created has coupons_per_user 1, which is left out");
  }
  if (from.coupons_per_user() != 0) terms.coupons_per_user = from.coupons_per_user();
  terms.user_required = from.user_required();
  if (from.has_redeem_start_time_unix_ns()) {
    terms.redeem_start_time = Timestamp::FromUnixNanoseconds(from.redeem_start_time_unix_ns());
    if (terms.redeem_start_time == kAlways) {
      return Undecodable("campaign_created has a redeem_start_time that stands for none");
    }
  }
  if (from.has_expire_time_unix_ns()) {
    terms.expire_time = Timestamp::FromUnixNanoseconds(from.expire_time_unix_ns());
    if (terms.expire_time == kNever) {
      return Undecodable("campaign_created has an expire_time that stands for none");
    }
  }
  if (from.valid_duration_ns() != 0) {
    terms.valid_duration = TRY(ReadDuration(from.valid_duration_ns()));
    if (terms.valid_duration == kUnlimited) {
      return Undecodable("campaign_created has a valid_duration that stands for none");
    }
  }
  terms.redeem_by_holder_only = from.redeem_by_holder_only();
  return {};
}

/// Writes the changed terms of what becomes of the coupons.
void WriteCouponTerms(const TermChanges& changes, std::string& out) {
  using Message = v1::CampaignUpdated;
  if (changes.coupons_per_user) {
    AppendPresentNumber(Message::kCouponsPerUserFieldNumber, *changes.coupons_per_user, out);
  }
  if (changes.user_required) {
    AppendPresentNumber(Message::kUserRequiredFieldNumber, std::uint64_t{*changes.user_required},
                        out);
  }
  if (changes.redeem_start_time) {
    AppendPresentFixed64(Message::kRedeemStartTimeUnixNsFieldNumber,
                         changes.redeem_start_time->unix_nanoseconds(), out);
  }
  if (changes.expire_time) {
    AppendPresentFixed64(Message::kExpireTimeUnixNsFieldNumber,
                         changes.expire_time->unix_nanoseconds(), out);
  }
  if (changes.valid_duration) {
    AppendPresentNumber(Message::kValidDurationNsFieldNumber,
                        static_cast<std::uint64_t>(changes.valid_duration->count()), out);
  }
  if (changes.redeem_by_holder_only) {
    AppendPresentNumber(Message::kRedeemByHolderOnlyFieldNumber,
                        std::uint64_t{*changes.redeem_by_holder_only}, out);
  }
}

/// Reads the changed terms of what becomes of the coupons.
Status ReadCouponTerms(const v1::CampaignUpdated& from, TermChanges& changes) {
  if (from.has_coupons_per_user()) changes.coupons_per_user = from.coupons_per_user();
  if (from.has_user_required()) changes.user_required = from.user_required();
  if (from.has_redeem_start_time_unix_ns()) {
    changes.redeem_start_time = Timestamp::FromUnixNanoseconds(from.redeem_start_time_unix_ns());
  }
  if (from.has_expire_time_unix_ns()) {
    changes.expire_time = Timestamp::FromUnixNanoseconds(from.expire_time_unix_ns());
  }
  if (from.has_valid_duration_ns()) {
    changes.valid_duration = TRY(ReadDuration(from.valid_duration_ns()));
  }
  if (from.has_redeem_by_holder_only()) {
    changes.redeem_by_holder_only = from.redeem_by_holder_only();
  }
  return {};
}

}  // namespace

Status Check(const CampaignCreated& event) {
  if (event.number.value() == 0) return Undecodable("campaign_created has no campaign_number");
  if (event.terms.name.empty()) return Undecodable("campaign_created has no name");
  if (event.terms.total_coupons < 1) return Undecodable("campaign_created has no coupons");
  if (event.terms.coupons_per_user == 0) {
    return Undecodable("campaign_created has coupons_per_user 0");
  }
  if (event.terms.valid_duration.count() < 1) {
    return Undecodable("campaign_created has no valid_duration");
  }
  TRY(CheckMetadata(event.terms.metadata));
  return CheckSerials(kKindName<CampaignCreated>,
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
  if (terms.coupons_per_user != 1) {
    AppendNumber(Message::kCouponsPerUserFieldNumber, terms.coupons_per_user, out);
  }
  AppendNumber(Message::kUserRequiredFieldNumber, std::uint64_t{terms.user_required}, out);
  if (terms.redeem_start_time != kAlways) {
    AppendPresentFixed64(Message::kRedeemStartTimeUnixNsFieldNumber,
                         terms.redeem_start_time.unix_nanoseconds(), out);
  }
  if (terms.expire_time != kNever) {
    AppendPresentFixed64(Message::kExpireTimeUnixNsFieldNumber,
                         terms.expire_time.unix_nanoseconds(), out);
  }
  if (terms.valid_duration != kUnlimited) {
    AppendNumber(Message::kValidDurationNsFieldNumber,
                 static_cast<std::uint64_t>(terms.valid_duration.count()), out);
  }
  AppendNumber(Message::kRedeemByHolderOnlyFieldNumber, std::uint64_t{terms.redeem_by_holder_only},
               out);
  WriteRequest<Message>(event.request, out);
  return v1::Event::kCampaignCreatedFieldNumber;
}

Status Read(const v1::CampaignCreated& from, CampaignCreated& to) {
  to.number = CampaignNumber(from.campaign_number());
  TRY(GetBytes(from.campaign_id(), "campaign_id", to.id));
  to.terms.name = from.name();
  to.terms.total_coupons = from.total_coupons();
  to.terms.start_time = Timestamp::FromUnixNanoseconds(from.start_time_unix_ns());
  to.first_serial = Serial(from.first_serial());
  TRY(ReadOptionalTerms(from, to.terms));
  return ReadRequest(from, to);
}

Status Check(const CampaignUpdated& event) {
  const TermChanges& changes = event.changes;
  if (event.campaign.value() == 0) return Undecodable("campaign_updated has no campaign_number");
  if (changes.empty()) return Undecodable("campaign_updated changes nothing");
  if (changes.name && changes.name->empty()) return Undecodable("campaign_updated has no name");
  if (changes.total_coupons && *changes.total_coupons < 1) {
    return Undecodable("campaign_updated has no coupons");
  }
  if (changes.coupons_per_user == 0U) return Undecodable("campaign_updated has coupons_per_user 0");
  if (changes.valid_duration && changes.valid_duration->count() < 1) {
    return Undecodable("campaign_updated has no valid_duration");
  }
  if (changes.metadata) TRY(CheckMetadata(*changes.metadata));
  if (!event.added_serials) return {};
  if (event.added_serials->count == 0) return Undecodable("campaign_updated adds no serials");
  return CheckSerials(kKindName<CampaignUpdated>, *event.added_serials);
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
  WriteCouponTerms(changes, out);
  WriteRequest<Message>(event.request, out);
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
  TRY(ReadCouponTerms(from, changes));
  return ReadRequest(from, to);
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

}  // namespace coupond::storage

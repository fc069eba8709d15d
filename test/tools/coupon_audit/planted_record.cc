#include "tools/coupon_audit/planted_record.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/big_endian.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/rules/event.h"

namespace coupond::test {
namespace {

template <typename Tag>
std::string Bytes(const StrongBytes16<Tag>& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

void Fill(storage::v1::Event& message, const StoreCreated& event) {
  message.mutable_store_created()->set_store_id(Bytes(event.store_id));
  message.mutable_store_created()->set_code_key(Bytes(event.code_key));
  message.mutable_store_created()->set_format_version(event.format_version);
}
template <typename Entries>
void FillMetadata(Entries& entries, const std::vector<MetadataEntry>& metadata) {
  for (const MetadataEntry& from : metadata) {
    auto& entry = *entries.Add();
    entry.set_key(from.key);
    entry.set_value(from.value);
  }
}
template <typename Message>
void FillRequestKey(Message& message, const std::optional<RequestKey>& request) {
  if (!request) return;
  message.set_request_key(Bytes(request->digest));
  message.set_request_content(request->content);
}
template <typename Message>
void SetDuration(Message& message, std::chrono::nanoseconds duration) {
  message.set_valid_duration_ns(static_cast<std::uint64_t>(duration.count()));
}
void Fill(storage::v1::Event& message, const CampaignCreated& event) {
  storage::v1::CampaignCreated& created = *message.mutable_campaign_created();
  const CampaignTerms& terms = event.terms;
  created.set_campaign_number(event.number.value());
  created.set_campaign_id(Bytes(event.id));
  created.set_name(terms.name);
  created.set_total_coupons(terms.total_coupons);
  created.set_start_time_unix_ns(terms.start_time.unix_nanoseconds());
  created.set_first_serial(event.first_serial.value());
  if (terms.end_time != kNever) created.set_end_time_unix_ns(terms.end_time.unix_nanoseconds());
  created.set_description(terms.description);
  FillMetadata(*created.mutable_metadata(), terms.metadata);
  if (terms.coupons_per_user != 1) created.set_coupons_per_user(terms.coupons_per_user);
  created.set_user_required(terms.user_required);
  if (terms.redeem_start_time != kAlways) {
    created.set_redeem_start_time_unix_ns(terms.redeem_start_time.unix_nanoseconds());
  }
  if (terms.expire_time != kNever) {
    created.set_expire_time_unix_ns(terms.expire_time.unix_nanoseconds());
  }
  if (terms.valid_duration != kUnlimited) SetDuration(created, terms.valid_duration);
  created.set_redeem_by_holder_only(terms.redeem_by_holder_only);
  FillRequestKey(created, event.request);
}
void Fill(storage::v1::Event& message, const CouponIssued& event) {
  storage::v1::CouponIssued& issued = *message.mutable_coupon_issued();
  issued.set_campaign_number(event.campaign.value());
  issued.set_serial(event.serial.value());
  if (event.holder) issued.set_holder(Bytes(*event.holder));
  if (event.request_key) issued.set_request_key(Bytes(*event.request_key));
}
void Fill(storage::v1::Event& message, const CampaignDeleted& event) {
  message.mutable_campaign_deleted()->set_campaign_number(event.campaign.value());
}
void Fill(storage::v1::Event& message, const CampaignUpdated& event) {
  storage::v1::CampaignUpdated& updated = *message.mutable_campaign_updated();
  const TermChanges& changes = event.changes;
  updated.set_campaign_number(event.campaign.value());
  if (changes.name) updated.set_name(*changes.name);
  if (changes.total_coupons) updated.set_total_coupons(*changes.total_coupons);
  if (changes.start_time) updated.set_start_time_unix_ns(changes.start_time->unix_nanoseconds());
  if (changes.end_time) updated.set_end_time_unix_ns(changes.end_time->unix_nanoseconds());
  if (changes.description) updated.set_description(*changes.description);
  if (changes.metadata) {
    FillMetadata(*updated.mutable_metadata()->mutable_entries(), *changes.metadata);
  }
  if (event.added_serials) {
    updated.set_first_added_serial(event.added_serials->first.value());
    updated.set_added_serials(event.added_serials->count);
  }
  if (changes.coupons_per_user) updated.set_coupons_per_user(*changes.coupons_per_user);
  if (changes.user_required) updated.set_user_required(*changes.user_required);
  if (changes.redeem_start_time) {
    updated.set_redeem_start_time_unix_ns(changes.redeem_start_time->unix_nanoseconds());
  }
  if (changes.expire_time) updated.set_expire_time_unix_ns(changes.expire_time->unix_nanoseconds());
  if (changes.valid_duration) SetDuration(updated, *changes.valid_duration);
  if (changes.redeem_by_holder_only) {
    updated.set_redeem_by_holder_only(*changes.redeem_by_holder_only);
  }
  FillRequestKey(updated, event.request);
}
template <typename Message, typename Kind>
void FillActivities(Message& message, const Kind& event) {
  message.set_campaign_number(event.campaign.value());
  message.set_issuing(event.activities.issuing);
  message.set_redeeming(event.activities.redeeming);
  message.set_reason(event.reason);
}
void Fill(storage::v1::Event& message, const CampaignPaused& event) {
  FillActivities(*message.mutable_campaign_paused(), event);
}
void Fill(storage::v1::Event& message, const CampaignResumed& event) {
  FillActivities(*message.mutable_campaign_resumed(), event);
}
void Fill(storage::v1::Event& message, const CampaignArchived& event) {
  message.mutable_campaign_archived()->set_campaign_number(event.campaign.value());
}
void Fill(storage::v1::Event& message, const CampaignUnarchived& event) {
  message.mutable_campaign_unarchived()->set_campaign_number(event.campaign.value());
}
void Fill(storage::v1::Event& message, const CouponRedeemed& event) {
  storage::v1::CouponRedeemed& redeemed = *message.mutable_coupon_redeemed();
  redeemed.set_campaign_number(event.campaign.value());
  redeemed.set_serial(event.serial.value());
  redeemed.set_order_ref(event.order_ref);
  redeemed.set_redeemed_by(event.redeemed_by);
  redeemed.set_request_id(event.request_id);
  FillRequestKey(redeemed, event.request);
}
void Fill(storage::v1::Event& message, const RedemptionCanceled& event) {
  storage::v1::RedemptionCanceled& canceled = *message.mutable_redemption_canceled();
  canceled.set_campaign_number(event.campaign.value());
  canceled.set_serial(event.serial.value());
  canceled.set_redemption(event.redemption.value());
  canceled.set_reason(event.reason);
  FillRequestKey(canceled, event.request);
}
void Fill(storage::v1::Event& message, const CouponVoided& event) {
  storage::v1::CouponVoided& voided = *message.mutable_coupon_voided();
  voided.set_campaign_number(event.campaign.value());
  voided.set_serial(event.serial.value());
  voided.set_returned(event.returned);
  voided.set_reason(event.reason);
  if (event.added_serials) {
    voided.set_first_added_serial(event.added_serials->first.value());
    voided.set_added_serials(event.added_serials->count);
  }
  FillRequestKey(voided, event.request);
  voided.set_claim_freed(event.claim_freed);
}

void Fill(storage::v1::Event& message, const StoreRestored& event) {
  message.mutable_store_restored()->set_first_serial(event.first_serial.value());
}
void Fill(storage::v1::Event& message, const BatchIssued& event) {
  storage::v1::BatchIssued& batch = *message.mutable_batch_issued();
  batch.set_campaign_number(event.campaign.value());
  batch.set_coupons(event.coupons);
  FillRequestKey(batch, event.request);
}
void Fill(storage::v1::Event& message, const ClockReset& event) {
  message.mutable_clock_reset()->set_previous_time_unix_ns(event.previous_time.unix_nanoseconds());
}
void Fill(storage::v1::Event& message, const UserErased& event) {
  storage::v1::UserErased& erased = *message.mutable_user_erased();
  erased.set_campaign_number(event.campaign.value());
  for (const Serial serial : event.serials) erased.add_serials(serial.value());
  erased.set_claims_freed(event.claims_freed);
  FillRequestKey(erased, event.request);
}
void Fill(storage::v1::Event& message, const ErasureFinished& event) {
  message.mutable_erasure_finished()->set_erasure(event.erasure.value());
}

}  // namespace

std::string EncodePayload(const CommitGroup& group) {
  storage::v1::CommitGroup message;
  message.set_number(group.number.value());
  message.set_first_sequence(group.first_sequence.value());
  message.set_commit_time_unix_ns(group.commit_time.unix_nanoseconds());
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    storage::v1::Event& event = *message.add_events();
    std::visit([&event](const auto& body) { Fill(event, body); }, group.events[i]);
    if (group.KeyOf(i) != kNoKey) event.set_key_id(group.KeyOf(i).value());
  }
  return message.SerializeAsString();
}

std::string EncodeHolders(const CommitGroup& group) {
  storage::v1::Holders message;
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const auto* const issued = std::get_if<CouponIssued>(&group.events[i]);
    if (issued == nullptr || issued->user_id.empty()) continue;
    storage::v1::Holders::Holder& holder = *message.add_holders();
    holder.set_event(static_cast<std::uint32_t>(i));
    holder.set_user_id(issued->user_id);
  }
  return message.SerializeAsString();
}

std::string_view HoldersOf(std::string_view record) {
  constexpr std::size_t kHashBytes = 32;
  constexpr std::size_t kSizeBytes = 4;
  const std::uint64_t payload_bytes = ReadBigEndian(record.substr(kHashBytes, kSizeBytes));
  return record.substr(kHashBytes + kSizeBytes + payload_bytes);
}

}  // namespace coupond::test

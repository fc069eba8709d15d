#include "storage/views/view_rows.h"

#include <chrono>
#include <cstddef>
#include <cstring>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/row_parts.h"

namespace coupond::storage {
namespace {

constexpr char kCampaign = 'c';
constexpr char kCampaignIndex = 'i';
constexpr char kClaim = 'l';
constexpr char kRun = 'r';

}  // namespace

std::string CampaignKey(CampaignNumber campaign) { return Prefix(kCampaign, campaign); }

std::string CampaignIndexKey(const CampaignId& id) {
  std::string key(1, kCampaignIndex);
  AppendBytes(key, id);
  return key;
}

std::string ClaimsKey(CampaignNumber campaign, std::uint64_t first_ordinal) {
  return Prefix(kClaim, campaign, first_ordinal);
}

std::string RunKey(CampaignNumber campaign, std::uint64_t last_ordinal) {
  return Prefix(kRun, campaign, last_ordinal);
}

KeyRange CampaignsAfter(CampaignNumber campaign) {
  return {CampaignKey(campaign.Next()), std::string(1, kCampaign + 1)};
}

KeyRange AllClaims() { return {std::string(1, kClaim), std::string(1, kClaim + 1)}; }

KeyRange ClaimsOf(CampaignNumber campaign) {
  return {Prefix(kClaim, campaign), Prefix(kClaim, campaign.Next())};
}

KeyRange RunsOf(CampaignNumber campaign) {
  return {Prefix(kRun, campaign), Prefix(kRun, campaign.Next())};
}

std::optional<CampaignNumber> ParseCampaignKey(std::string_view key) {
  return ParsePrefix(key, kCampaign, 1 + kBigEndianBytes);
}

std::optional<RunKeyParts> ParseRunKey(std::string_view key) { return ParseParts(key, kRun); }

std::optional<RunKeyParts> ParseClaimsKey(std::string_view key) { return ParseParts(key, kClaim); }

std::string EncodeCampaign(const Campaign& row) {
  v1::CampaignRow message;
  message.set_campaign_id(ToString(row.id.bytes));
  message.set_name(row.terms.name);
  message.set_total_coupons(row.terms.total_coupons);
  message.set_issued_coupons(row.issued_coupons);
  message.set_start_time_unix_ns(row.terms.start_time.unix_nanoseconds());
  message.set_created_at_unix_ns(row.created_at.unix_nanoseconds());
  row.serials.ForEach([&message](SerialRange range) {
    v1::CampaignRow::SerialRange& serials = *message.add_serials();
    serials.set_first(range.first.value());
    serials.set_count(range.count);
  });
  message.set_end_time_unix_ns(row.terms.end_time.unix_nanoseconds());
  message.set_description(row.terms.description);
  for (const MetadataEntry& from : row.terms.metadata) {
    v1::CampaignRow::MetadataEntry& entry = *message.add_metadata();
    entry.set_key(from.key);
    entry.set_value(from.value);
  }
  message.set_revision(row.revision.value());
  message.set_issuing_paused(row.paused.issuing);
  message.set_redeeming_paused(row.paused.redeeming);
  if (row.sold_out_at) message.set_sold_out_at_unix_ns(row.sold_out_at->unix_nanoseconds());
  if (row.archived_at) message.set_archived_at_unix_ns(row.archived_at->unix_nanoseconds());
  message.set_redeemed_coupons(row.redeemed_coupons);
  message.set_voided_coupons(row.voided_coupons);
  message.set_returned_coupons(row.returned_coupons);
  message.set_coupons_per_user(row.terms.coupons_per_user);
  message.set_user_required(row.terms.user_required);
  message.set_redeem_start_time_unix_ns(row.terms.redeem_start_time.unix_nanoseconds());
  message.set_expire_time_unix_ns(row.terms.expire_time.unix_nanoseconds());
  message.set_valid_duration_ns(row.terms.valid_duration.count());
  message.set_redeem_by_holder_only(row.terms.redeem_by_holder_only);
  message.set_issued_to_users(row.issued_to_users);
  return message.SerializeAsString();
}

std::string EncodeCampaignIndex(CampaignNumber campaign) {
  v1::CampaignIndexRow message;
  message.set_campaign_number(campaign.value());
  return message.SerializeAsString();
}

std::string EncodeRun(const CouponRun& run) {
  v1::CouponRunRow message;
  message.set_count(run.count);
  message.set_issued_at_unix_ns(run.issued_at.unix_nanoseconds());
  for (const CouponRun::Holder& from : run.holders) {
    v1::CouponRunRow::Holder& holder = *message.add_holders();
    holder.set_offset(from.offset);
    holder.set_user_id(from.user_id);
  }
  return message.SerializeAsString();
}

std::string EncodeClaims(const ClaimRun& run) {
  v1::ClaimRunRow message;
  message.set_issued_at_unix_ns(run.issued_at.unix_nanoseconds());
  std::string& bytes = *message.mutable_claims();
  for (const ClaimRun::Entry& entry : run.claims) {
    message.add_offsets(entry.offset);
    bytes.append(ToString(entry.claim.bytes));
    if (!entry.holder) continue;
    message.add_holder_offsets(entry.offset);
    message.mutable_holders()->append(ToString(entry.holder->bytes));
  }
  message.set_all_timed(run.all_timed);
  return message.SerializeAsString();
}

std::string EncodeCheckpoint(const Checkpoint& checkpoint) {
  v1::CheckpointRow message;
  message.set_views_version(kViewsVersion);
  message.set_group(checkpoint.tip.group.value());
  message.set_sequence(checkpoint.tip.sequence.value());
  message.set_time_unix_ns(checkpoint.tip.time.unix_nanoseconds());
  message.set_hash(ToString(checkpoint.tip.hash));
  message.set_store_id(ToString(checkpoint.store_id.bytes));
  message.set_code_key(ToString(checkpoint.code_key.bytes));
  message.set_next_campaign_number(checkpoint.next_campaign_number.value());
  message.set_next_serial(checkpoint.next_serial.value());
  message.set_clock_was_reset(checkpoint.clock_was_reset);
  return message.SerializeAsString();
}

Result<Campaign> DecodeCampaign(std::string_view key, std::string_view value) {
  const std::optional<CampaignNumber> number = ParseCampaignKey(key);
  v1::CampaignRow message;
  Campaign row;
  if (!number || !Parse(value, message) || !FromString(message.campaign_id(), row.id.bytes)) {
    return Damaged("campaign");
  }
  row.number = *number;
  row.terms = {.name = message.name(),
               .total_coupons = message.total_coupons(),
               .start_time = Timestamp::FromUnixNanoseconds(message.start_time_unix_ns()),
               .end_time = Timestamp::FromUnixNanoseconds(message.end_time_unix_ns()),
               .description = message.description()};
  for (const v1::CampaignRow::MetadataEntry& entry : message.metadata()) {
    row.terms.metadata.push_back({.key = entry.key(), .value = entry.value()});
  }
  for (const v1::CampaignRow::SerialRange& serials : message.serials()) {
    if (serials.count() == 0) continue;  // as when such a range is written
    row.serials.Add({.first = Serial(serials.first()), .count = serials.count()});
  }
  row.terms.coupons_per_user = message.coupons_per_user();
  row.terms.user_required = message.user_required();
  row.terms.redeem_start_time = Timestamp::FromUnixNanoseconds(message.redeem_start_time_unix_ns());
  row.terms.expire_time = Timestamp::FromUnixNanoseconds(message.expire_time_unix_ns());
  row.terms.valid_duration = std::chrono::nanoseconds(message.valid_duration_ns());
  row.terms.redeem_by_holder_only = message.redeem_by_holder_only();
  row.issued_to_users = message.issued_to_users();
  row.issued_coupons = message.issued_coupons();
  row.redeemed_coupons = message.redeemed_coupons();
  row.voided_coupons = message.voided_coupons();
  row.returned_coupons = message.returned_coupons();
  // Everything that reads coupons relies on a serial for each of them.
  const bool counts_fit = row.issued_coupons >= 0 && row.returned_coupons >= 0 &&
                          row.redeemed_coupons >= 0 && row.voided_coupons >= 0 &&
                          row.issued_coupons <= row.terms.total_coupons &&
                          static_cast<std::uint64_t>(row.returned_coupons) <= row.serials.size() &&
                          row.ordinals() <= row.serials.size();
  const bool limits_fit =
      row.terms.coupons_per_user > 0 && row.terms.valid_duration > std::chrono::nanoseconds(0);
  if (!counts_fit || !limits_fit) return Damaged("campaign");
  row.created_at = Timestamp::FromUnixNanoseconds(message.created_at_unix_ns());
  row.revision = Sequence(message.revision());
  row.paused = {.issuing = message.issuing_paused(), .redeeming = message.redeeming_paused()};
  if (message.has_sold_out_at_unix_ns()) {
    row.sold_out_at = Timestamp::FromUnixNanoseconds(message.sold_out_at_unix_ns());
  }
  if (message.has_archived_at_unix_ns()) {
    row.archived_at = Timestamp::FromUnixNanoseconds(message.archived_at_unix_ns());
  }
  return row;
}

Result<CampaignNumber> DecodeCampaignIndex(std::string_view value) {
  v1::CampaignIndexRow message;
  if (!Parse(value, message)) return Damaged("campaign's index");
  return CampaignNumber(message.campaign_number());
}

Result<CouponRun> DecodeRun(std::string_view key, std::string_view value) {
  const std::optional<RunKeyParts> parts = ParseRunKey(key);
  v1::CouponRunRow message;
  if (!parts || !Parse(value, message) || message.count() == 0 ||
      message.count() - 1 > parts->ordinal) {
    return Damaged("run of coupons");
  }
  CouponRun run{.campaign = parts->campaign,
                .first_ordinal = parts->ordinal - (message.count() - 1),
                .count = message.count(),
                .issued_at = Timestamp::FromUnixNanoseconds(message.issued_at_unix_ns()),
                .holders = {}};
  run.holders.reserve(static_cast<std::size_t>(message.holders_size()));
  std::uint64_t next_offset = 0;
  for (const v1::CouponRunRow::Holder& holder : message.holders()) {
    if (holder.offset() < next_offset || holder.offset() >= run.count) {
      return Damaged("run of coupons");
    }
    next_offset = std::uint64_t{holder.offset()} + 1;
    run.holders.push_back({.offset = holder.offset(), .user_id = holder.user_id()});
  }
  return run;
}

Result<ClaimRun> DecodeClaims(std::string_view key, std::string_view value) {
  constexpr std::size_t kClaimBytes = sizeof(Claim::bytes);
  const std::optional<RunKeyParts> parts = ParseClaimsKey(key);
  v1::ClaimRunRow message;
  if (!parts || !Parse(value, message)) return Damaged("run of claims");
  const auto count = static_cast<std::size_t>(message.offsets_size());
  const auto holders = static_cast<std::size_t>(message.holder_offsets_size());
  if ((count == 0 && !message.all_timed()) || message.claims().size() != count * kClaimBytes ||
      message.holders().size() != holders * kClaimBytes) {
    return Damaged("run of claims");
  }
  ClaimRun run{.campaign = parts->campaign,
               .first_ordinal = parts->ordinal,
               .issued_at = Timestamp::FromUnixNanoseconds(message.issued_at_unix_ns()),
               .claims = {},
               .all_timed = message.all_timed()};
  run.claims.resize(count);
  std::uint64_t next_offset = 0;
  std::size_t next_holder = 0;
  for (std::size_t i = 0; i < count; ++i) {
    run.claims[i].offset = message.offsets(static_cast<int>(i));
    if (run.claims[i].offset < next_offset) return Damaged("run of claims");
    next_offset = std::uint64_t{run.claims[i].offset} + 1;
    std::memcpy(run.claims[i].claim.bytes.data(), message.claims().data() + i * kClaimBytes,
                kClaimBytes);
    if (next_holder == holders ||
        message.holder_offsets(static_cast<int>(next_holder)) != run.claims[i].offset) {
      continue;
    }
    std::memcpy(run.claims[i].holder.emplace().bytes.data(),
                message.holders().data() + next_holder * kClaimBytes, kClaimBytes);
    ++next_holder;
  }
  if (next_holder != holders) return Damaged("run of claims");
  return run;
}

Result<Checkpoint> DecodeCheckpoint(std::string_view value, std::uint32_t version) {
  v1::CheckpointRow message;
  Checkpoint checkpoint;
  if (!Parse(value, message) || message.views_version() != version ||
      !FromString(message.hash(), checkpoint.tip.hash) ||
      !FromString(message.store_id(), checkpoint.store_id.bytes) ||
      !FromString(message.code_key(), checkpoint.code_key.bytes)) {
    return Damaged("checkpoint of this version");
  }
  checkpoint.tip.group = GroupNumber(message.group());
  checkpoint.tip.sequence = Sequence(message.sequence());
  checkpoint.tip.time = Timestamp::FromUnixNanoseconds(message.time_unix_ns());
  checkpoint.next_campaign_number = CampaignNumber(message.next_campaign_number());
  checkpoint.next_serial = Serial(message.next_serial());
  checkpoint.clock_was_reset = message.clock_was_reset();
  return checkpoint;
}

}  // namespace coupond::storage

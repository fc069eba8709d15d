// Keys and rows of the views. What is accepted satisfies engine/ports/view_store.h, and is read
// back equal after writing.
#include "storage/views/view_rows.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "storage/views/coupon_in_run.h"
#include "storage/views/coupon_rows.h"
#include "storage/views/history_rows.h"
#include "storage/views/state_rows.h"
#include "storage/views/user_index_rows.h"

namespace coupond::fuzz {
namespace {

template <typename T>
void RequireDamaged(const Result<T>& row) {
  Require(row.error().code == ErrorCode::kViewsDamaged, "what cannot be read is damaged");
}

void CheckCampaign(std::string_view key, std::string_view value) {
  const Result<Campaign> row = storage::DecodeCampaign(key, value);
  if (!row) return RequireDamaged(row);
  Require(storage::CampaignKey(row->number) == key, "a campaign lies at its key");
  Require(storage::DecodeCampaign(key, storage::EncodeCampaign(*row)) == *row,
          "a campaign is read back equal");
}

void CheckCampaignIndex(std::string_view /*key*/, std::string_view value) {
  const Result<CampaignNumber> campaign = storage::DecodeCampaignIndex(value);
  if (!campaign) return RequireDamaged(campaign);
  Require(storage::DecodeCampaignIndex(storage::EncodeCampaignIndex(*campaign)) == *campaign,
          "an index is read back equal");
}

/// Returns what a run says of a coupon.
std::optional<storage::CouponInRun> CouponOf(const CouponRun& run, std::uint64_t ordinal) {
  if (ordinal < run.first_ordinal) return std::nullopt;
  storage::CouponInRun coupon{.issued_at = run.issued_at, .user_id = {}};
  for (const CouponRun::Holder& holder : run.holders) {
    if (run.first_ordinal + holder.offset == ordinal) coupon.user_id = holder.user_id;
  }
  return coupon;
}

void CheckRun(std::string_view key, std::string_view value) {
  const Result<CouponRun> run = storage::DecodeRun(key, value);
  if (!run) return RequireDamaged(run);
  Require(run->count > 0, "a run has coupons");
  const std::uint64_t last_ordinal = run->first_ordinal + (run->count - 1);
  Require(run->first_ordinal <= last_ordinal, "no run begins before the first coupon");
  Require(storage::RunKey(run->campaign, last_ordinal) == key, "a run lies at its last ordinal");
  std::uint64_t next_offset = 0;
  for (const CouponRun::Holder& holder : run->holders) {
    Require(holder.offset >= next_offset && holder.offset < run->count,
            "holders are of the run, by offset");
    next_offset = holder.offset + std::uint64_t{1};
  }
  Require(storage::DecodeRun(key, storage::EncodeRun(*run)) == *run, "a run is read back equal");
  // One coupon of a row that was written is read as it is with all of the run.
  for (const std::uint64_t ordinal :
       {run->first_ordinal, last_ordinal - (run->count - 1) / 2, last_ordinal}) {
    const auto coupon = storage::DecodeCouponInRun(key, storage::EncodeRun(*run), ordinal);
    Require(coupon && *coupon == CouponOf(*run, ordinal), "a coupon is read as with its run");
  }
}

void CheckCouponInRun(std::string_view key, std::string_view value) {
  const auto parts = storage::ParseRunKey(key);
  for (const std::uint64_t before_last : {0, 1, 5}) {
    const std::uint64_t ordinal =
        parts ? parts->ordinal - std::min(parts->ordinal, before_last) : 0;
    const auto coupon = storage::DecodeCouponInRun(key, value, ordinal);
    if (!coupon) {
      RequireDamaged(coupon);
      continue;
    }
    const Result<CouponRun> run = storage::DecodeRun(key, value);
    Require(run.has_value(), "what can be read of a run belongs to one");
    Require(*coupon == CouponOf(*run, ordinal), "a coupon is read as with its run");
  }
}

void CheckClaims(std::string_view key, std::string_view value) {
  const Result<ClaimRun> run = storage::DecodeClaims(key, value);
  if (!run) return RequireDamaged(run);
  Require(!run->claims.empty() || run->all_timed, "a run of claims has claims, or only its time");
  Require(storage::ClaimsKey(run->campaign, run->first_ordinal) == key,
          "a run of claims lies at its first ordinal");
  std::uint64_t next_offset = 0;
  for (const ClaimRun::Entry& entry : run->claims) {
    Require(entry.offset >= next_offset, "claims come by offset");
    next_offset = entry.offset + std::uint64_t{1};
  }
  Require(storage::DecodeClaims(key, storage::EncodeClaims(*run)) == *run,
          "a run of claims is read back equal");
}

void CheckCheckpoint(std::string_view /*key*/, std::string_view value) {
  const Result<Checkpoint> checkpoint = storage::DecodeCheckpoint(value);
  if (!checkpoint) return RequireDamaged(checkpoint);
  Require(storage::DecodeCheckpoint(storage::EncodeCheckpoint(*checkpoint)) == *checkpoint,
          "a checkpoint is read back equal");
}

void CheckStatus(std::string_view key, std::string_view value) {
  const Result<CouponStatusRow> row = storage::DecodeStatus(key, value);
  if (!row) return RequireDamaged(row);
  Require(row->ordinal <= 0xffff'ffff, "an ordinal fits 32 bits");
  Require(row->status != CouponStatus{}, "a coupon of which nothing has become has no row");
  Require(row->status.redemption.has_value() == (row->status.state == CouponState::kRedeemed),
          "a redeemed coupon has a redemption");
  Require(storage::StatusKey(row->campaign, row->ordinal) == key, "a status lies at its coupon");
  Require(storage::DecodeStatus(key, storage::EncodeStatus(row->status)) == *row,
          "a status is read back equal");
}

void CheckSerials(std::string_view key, std::string_view value) {
  const Result<SerialsRow> row = storage::DecodeSerials(key, value);
  if (!row) return RequireDamaged(row);
  Require(row->serials.count > 0 && row->serials.first > Serial(), "serials begin with 1");
  Require(storage::SerialsKey(row->serials.first.Plus(row->serials.count - 1)) == key,
          "serials lie at the last one");
  Require(storage::DecodeSerials(key, storage::EncodeSerials(*row)) == *row,
          "serials are read back equal");
}

void CheckRequest(std::string_view key, std::string_view value) {
  const Result<RequestRow> row = storage::DecodeRequest(key, value);
  if (!row) return RequireDamaged(row);
  Require(storage::RequestKeyOf(row->digest) == key, "a request lies at its key");
  Require(storage::DecodeRequest(key, storage::EncodeRequest(*row)) == *row,
          "a request is read back equal");
}

void CheckUserCoupons(std::string_view /*key*/, std::string_view value) {
  const Result<std::vector<UserCouponRow>> coupons = storage::DecodeUserCoupons(value);
  if (!coupons) return RequireDamaged(coupons);
  Require(!coupons->empty(), "a list of users' coupons has coupons");
  Sequence last;
  for (const UserCouponRow& row : *coupons) {
    Require(row.coupon.sequence > last, "users' coupons come by sequence");
    last = row.coupon.sequence;
  }
  const std::string encoded = storage::EncodeUserCoupons(*coupons);
  Require(storage::DecodeUserCoupons(encoded) == *coupons, "users' coupons are read back equal");
  for (const UserCouponRow& row : *coupons) {
    Require(storage::MayHaveCouponsOf(row.user, encoded), "users are found in the bytes of a row");
  }
}

void CheckTailBegin(std::string_view /*key*/, std::string_view value) {
  const Result<Sequence> first = storage::DecodeTailBegin(value);
  if (!first) return RequireDamaged(first);
  Require(storage::DecodeTailBegin(storage::EncodeTailBegin(*first)) == *first,
          "the beginning of the tail is read back equal");
}

void CheckKeysWithoutValues(std::string_view key, std::string_view /*value*/) {
  if (const auto coupon = storage::ParseStateKey(key)) {
    Require(storage::StateKey(coupon->campaign, coupon->state, coupon->ordinal) == key,
            "a coupon's state lies at its key");
  }
  if (const auto bucket = storage::ParseBucketKey(key)) {
    Require(*bucket < storage::kUserBuckets, "there are so many buckets");
    const storage::KeyRange range = storage::RowsOfBucket(*bucket);
    Require(key >= range.first && key < range.end, "a bucket's row lies among its others");
  }
}

void CheckErasedCampaign(std::string_view key, std::string_view value) {
  if (const auto campaign = storage::ParseErasedCampaignKey(key)) {
    Require(storage::ErasedCampaignKey(*campaign) == key, "an erased campaign lies at its key");
  }
  const Result<CampaignId> id = storage::DecodeErasedCampaign(value);
  if (!id) return RequireDamaged(id);
  Require(storage::DecodeErasedCampaign(storage::EncodeErasedCampaign(*id)) == *id,
          "the id of an erased campaign is read back equal");
}

void CheckSoldOut(std::string_view key, std::string_view value) {
  const Result<SoldOutRow> row = storage::DecodeSoldOut(key, value);
  if (!row) return RequireDamaged(row);
  Require(storage::SoldOutKey(row->sequence) == key, "what sold out lies at its key");
  Require(storage::DecodeSoldOut(key, storage::EncodeSoldOut(row->campaign)) == *row,
          "what sold out is read back equal");
}

void CheckErasure(std::string_view key, std::string_view value) {
  const Result<ErasureRow> row = storage::DecodeErasure(key, value);
  if (!row) return RequireDamaged(row);
  Require(!row->serials.empty(), "an erasure has coupons");
  Require(storage::ErasureKey(row->sequence) == key, "an erasure lies at its key");
  Require(storage::DecodeErasure(key, storage::EncodeErasure(*row)) == *row,
          "an erasure is read back equal");
}

constexpr std::array kChecks = {CheckCampaign,       CheckCampaignIndex, CheckRun,
                                CheckClaims,         CheckCheckpoint,    CheckStatus,
                                CheckSerials,        CheckRequest,       CheckCouponInRun,
                                CheckUserCoupons,    CheckTailBegin,     CheckKeysWithoutValues,
                                CheckErasedCampaign, CheckSoldOut,       CheckErasure};
/// The longest key has 18 bytes.
constexpr std::size_t kKeyBytesEnd = 20;

}  // namespace

void FuzzViewRows(std::string_view bytes) {
  Input input(bytes);
  const auto check = kChecks[input.Choose(kChecks.size())];
  const std::string_view key = input.Take(input.Choose(kKeyBytesEnd));
  check(key, input.rest());
}

}  // namespace coupond::fuzz

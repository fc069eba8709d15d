#ifndef COUPOND_STORAGE_VIEWS_VIEW_ROWS_H_
#define COUPOND_STORAGE_VIEWS_VIEW_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/view_store.h"

/// The rows of the views as keys and values, and back. A key is a letter for the kind of row, then
/// numbers of 8 bytes, the highest first, so that rows lie in the order of their numbers and those
/// of a campaign lie together.
///
///   key                                value (view_rows.proto)   what for
///   c <campaign>                       CampaignRow               listing, in order of creation
///   e <sequence>                       ErasureRow                erasures that are not finished
///   i <campaign id, 16 bytes>          CampaignIndexRow          finding any campaign by its id
///   k                                  CheckpointRow             how far the views have come
///   l <campaign> <first ordinal>       ClaimRunRow               the ledger's claims, at a start
///   n <campaign>                       ErasedCampaignRow         the id of an erased campaign
///   o <sequence>                       SoldOutRow                when campaigns sold out
///   q <request key, 16 bytes>          RequestRow                the ledger's requests, at a start
///   r <campaign> <last ordinal>        CouponRunRow              pages of coupons
///   s <last serial>                    SerialsRow                finding a campaign by a serial
///   t <campaign> <ordinal>             CouponStatusRow           what has become of a coupon
///   u <bucket, 2 bytes> <last seq.>    UserCouponsRow            finding a user's coupons
///   v <campaign> <state> <ordinal>     empty                     finding coupons in a state
///   w <last sequence>                  UserCouponsRow            finding the latest of them
///   x                                  UserTailRow               where the rows of w begin
///
/// A run lies at its last ordinal, so that the run that contains an ordinal is the first one at or
/// after it: seeking backwards would pass through the remains of erased campaigns. Serials and
/// users' coupons lie at the last one for the same reason. The rows of i, n, o and q are kept
/// for ever. coupon_rows.h has the rows of q, s and t, history_rows.h those of e, n and o,
/// state_rows.h those of v, and user_index_rows.h those of u, w and x.
///
/// A value does not repeat what its key holds, so decoding takes both. What cannot be decoded is
/// kViewsDamaged. Pure functions, any thread.
namespace coupond::storage {

/// The version of keys and values. Raise it with every change to them: views of another version are
/// rebuilt.
inline constexpr std::uint32_t kViewsVersion = 11;
/// The last version beside a log of format 1. Its checkpoint is as it is now.
inline constexpr std::uint32_t kViewsVersionOfFormat1 = 5;

[[nodiscard]] std::string EncodeCampaign(const Campaign& row);
[[nodiscard]] std::string EncodeCampaignIndex(CampaignNumber campaign);
[[nodiscard]] std::string EncodeRun(const CouponRun& run);
[[nodiscard]] std::string EncodeClaims(const ClaimRun& run);
[[nodiscard]] std::string EncodeCheckpoint(const Checkpoint& checkpoint);

[[nodiscard]] Result<Campaign> DecodeCampaign(std::string_view key, std::string_view value);
[[nodiscard]] Result<CampaignNumber> DecodeCampaignIndex(std::string_view value);
[[nodiscard]] Result<CouponRun> DecodeRun(std::string_view key, std::string_view value);
[[nodiscard]] Result<ClaimRun> DecodeClaims(std::string_view key, std::string_view value);
/// Refuses a checkpoint of views of another version than `version`.
[[nodiscard]] Result<Checkpoint> DecodeCheckpoint(std::string_view value,
                                                  std::uint32_t version = kViewsVersion);

/// The keys from `first` on and before `end`.
struct KeyRange {
  std::string first;
  std::string end;
};

inline constexpr std::string_view kCheckpointKey = "k";
[[nodiscard]] std::string CampaignKey(CampaignNumber campaign);
[[nodiscard]] std::string CampaignIndexKey(const CampaignId& id);
[[nodiscard]] std::string ClaimsKey(CampaignNumber campaign, std::uint64_t first_ordinal);
[[nodiscard]] std::string RunKey(CampaignNumber campaign, std::uint64_t last_ordinal);

[[nodiscard]] KeyRange CampaignsAfter(CampaignNumber campaign);
[[nodiscard]] KeyRange AllClaims();
[[nodiscard]] KeyRange ClaimsOf(CampaignNumber campaign);
[[nodiscard]] KeyRange RunsOf(CampaignNumber campaign);

/// These return the parts of a key, or nullopt if it is no key of that kind.
[[nodiscard]] std::optional<CampaignNumber> ParseCampaignKey(std::string_view key);
struct RunKeyParts {
  CampaignNumber campaign;
  /// The last one of a run of coupons, or the first one of a run of claims.
  std::uint64_t ordinal = 0;
};
[[nodiscard]] std::optional<RunKeyParts> ParseRunKey(std::string_view key);
[[nodiscard]] std::optional<RunKeyParts> ParseClaimsKey(std::string_view key);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_VIEW_ROWS_H_

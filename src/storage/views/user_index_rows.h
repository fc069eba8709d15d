#ifndef COUPOND_STORAGE_VIEWS_USER_INDEX_ROWS_H_
#define COUPOND_STORAGE_VIEWS_USER_INDEX_ROWS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/codes/user_digest.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "storage/views/view_rows.h"

/// The rows by which a user's coupons are found; user_index.h says how they come about. Each holds
/// some coupons with their users, by sequence. Pure functions, any thread.
namespace coupond::storage {

/// The number of buckets over which users are distributed by their digests.
inline constexpr std::uint32_t kUserBuckets = 1'024;
[[nodiscard]] constexpr std::uint32_t BucketOf(UserDigest user) {
  return static_cast<std::uint32_t>(user.value() % kUserBuckets);
}

[[nodiscard]] std::string EncodeUserCoupons(std::span<const UserCouponRow> coupons);
[[nodiscard]] Result<std::vector<UserCouponRow>> DecodeUserCoupons(std::string_view value);
/// Reports whether a row may have a coupon of the user, by looking at its users alone: most rows of
/// a bucket have none, and need not be decoded. True if it is no row, which decoding will show.
[[nodiscard]] bool MayHaveCouponsOf(UserDigest user, std::string_view value);

/// `last` is the sequence of the row's last coupon, or a later one, if that was dropped with its
/// campaign.
[[nodiscard]] std::string BucketKey(std::uint32_t bucket, Sequence last);
[[nodiscard]] KeyRange RowsOfBucket(std::uint32_t bucket);
[[nodiscard]] KeyRange AllBuckets();
/// Returns the bucket of a key of that kind, or nullopt if it is none.
[[nodiscard]] std::optional<std::uint32_t> ParseBucketKey(std::string_view key);

/// `last` is the sequence of the row's last coupon.
[[nodiscard]] std::string TailKey(Sequence last);
/// Returns the rows of the tail whose last coupons have this sequence or a later one.
[[nodiscard]] KeyRange TailFrom(Sequence last);

/// The key of the row that says where the tail begins.
inline constexpr std::string_view kTailBeginKey = "x";
[[nodiscard]] std::string EncodeTailBegin(Sequence begin);
[[nodiscard]] Result<Sequence> DecodeTailBegin(std::string_view value);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_USER_INDEX_ROWS_H_

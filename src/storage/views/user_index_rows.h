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

/// Users are distributed over so many buckets by their digests.
inline constexpr std::uint32_t kUserBuckets = 1'024;
[[nodiscard]] constexpr std::uint32_t BucketOf(UserDigest user) {
  return static_cast<std::uint32_t>(user.value() % kUserBuckets);
}

[[nodiscard]] std::string EncodeUserCoupons(std::span<const UserCouponRow> coupons);
[[nodiscard]] Result<std::vector<UserCouponRow>> DecodeUserCoupons(std::string_view value);

/// `first` is the sequence of the row's first coupon.
[[nodiscard]] std::string BucketKey(std::uint32_t bucket, Sequence first);
[[nodiscard]] KeyRange RowsOfBucket(std::uint32_t bucket);
[[nodiscard]] KeyRange AllBuckets();
/// Returns the bucket of a key of that kind, or nullopt if it is none.
[[nodiscard]] std::optional<std::uint32_t> ParseBucketKey(std::string_view key);

[[nodiscard]] std::string TailKey(Sequence first);
/// Returns the rows of the tail whose first coupons have this sequence or a later one.
[[nodiscard]] KeyRange TailFrom(Sequence first);

/// The key of the row that says where the tail begins.
inline constexpr std::string_view kTailBeginKey = "x";
[[nodiscard]] std::string EncodeTailBegin(Sequence first);
[[nodiscard]] Result<Sequence> DecodeTailBegin(std::string_view value);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_USER_INDEX_ROWS_H_

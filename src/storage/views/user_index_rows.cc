#include "storage/views/user_index_rows.h"

#include <google/protobuf/io/coded_stream.h>

#include <bit>
#include <cstddef>
#include <cstring>

#include "base/big_endian.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/row_parts.h"

namespace coupond::storage {
namespace {

constexpr char kBucket = 'u';
constexpr char kTail = 'w';
constexpr std::size_t kBucketBytes = 2;
static_assert(kUserBuckets <= 1U << (8 * kBucketBytes));
static_assert(std::endian::native == std::endian::little, "or MayHaveCouponsOf swaps the bytes");

std::string BucketPrefix(std::uint32_t bucket) {
  return {kBucket, static_cast<char>(bucket >> 8), static_cast<char>(bucket)};
}

}  // namespace

std::string EncodeUserCoupons(std::span<const UserCouponRow> coupons) {
  v1::UserCouponsRow message;
  const auto count = static_cast<int>(coupons.size());
  message.mutable_users()->Reserve(count);
  message.mutable_sequence_steps()->Reserve(count);
  message.mutable_campaign_numbers()->Reserve(count);
  message.mutable_ordinals()->Reserve(count);
  Sequence last;
  for (const UserCouponRow& row : coupons) {
    message.add_users(row.user.value());
    message.add_sequence_steps(row.coupon.sequence.value() - last.value());
    message.add_campaign_numbers(row.coupon.campaign.value());
    message.add_ordinals(row.coupon.ordinal);
    last = row.coupon.sequence;
  }
  return message.SerializeAsString();
}

Result<std::vector<UserCouponRow>> DecodeUserCoupons(std::string_view value) {
  v1::UserCouponsRow message;
  if (!Parse(value, message) || message.users_size() == 0 ||
      message.sequence_steps_size() != message.users_size() ||
      message.campaign_numbers_size() != message.users_size() ||
      message.ordinals_size() != message.users_size()) {
    return Damaged("list of users' coupons");
  }
  std::vector<UserCouponRow> coupons;
  coupons.reserve(static_cast<std::size_t>(message.users_size()));
  std::uint64_t sequence = 0;
  for (int i = 0; i < message.users_size(); ++i) {
    if (message.sequence_steps(i) == 0 ||
        __builtin_add_overflow(sequence, message.sequence_steps(i), &sequence)) {
      return Damaged("list of users' coupons");
    }
    coupons.push_back({.user = UserDigest(message.users(i)),
                       .coupon = {.sequence = Sequence(sequence),
                                  .campaign = CampaignNumber(message.campaign_numbers(i)),
                                  .ordinal = message.ordinals(i)}});
  }
  return coupons;
}

bool MayHaveCouponsOf(UserDigest user, std::string_view value) {
  // EncodeUserCoupons writes the users first: 8 bytes each, the lowest first.
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(value.data()),
                                            static_cast<int>(value.size()));
  std::uint32_t tag = 0;
  std::uint32_t bytes = 0;
  constexpr std::uint32_t kPacked = 2;
  const bool is_row = in.ReadVarint32(&tag) &&
                      tag == (v1::UserCouponsRow::kUsersFieldNumber << 3 | kPacked) &&
                      in.ReadVarint32(&bytes);
  const auto begin = static_cast<std::size_t>(in.CurrentPosition());
  if (!is_row || bytes % sizeof(std::uint64_t) != 0 || bytes > value.size() - begin) return true;
  for (std::size_t at = begin; at < begin + bytes; at += sizeof(std::uint64_t)) {
    std::uint64_t digest = 0;
    std::memcpy(&digest, value.data() + at, sizeof(digest));
    if (digest == user.value()) return true;
  }
  return false;
}

std::string BucketKey(std::uint32_t bucket, Sequence last) {
  std::string key = BucketPrefix(bucket);
  AppendBigEndian(key, last.value());
  return key;
}

KeyRange RowsOfBucket(std::uint32_t bucket) {
  return {BucketPrefix(bucket), BucketPrefix(bucket + 1)};
}

KeyRange AllBuckets() { return {BucketPrefix(0), BucketPrefix(kUserBuckets)}; }

std::optional<std::uint32_t> ParseBucketKey(std::string_view key) {
  if (key.size() != 1 + kBucketBytes + kBigEndianBytes || key.front() != kBucket) {
    return std::nullopt;
  }
  const auto bucket = static_cast<std::uint32_t>(ReadBigEndian(key.substr(1, kBucketBytes)));
  if (bucket >= kUserBuckets) return std::nullopt;
  return bucket;
}

std::string TailKey(Sequence last) {
  std::string key(1, kTail);
  AppendBigEndian(key, last.value());
  return key;
}

KeyRange TailFrom(Sequence last) { return {TailKey(last), std::string(1, kTail + 1)}; }

std::string EncodeTailBegin(Sequence begin) {
  v1::UserTailRow message;
  message.set_begin_sequence(begin.value());
  return message.SerializeAsString();
}

Result<Sequence> DecodeTailBegin(std::string_view value) {
  v1::UserTailRow message;
  if (!Parse(value, message)) return Damaged("beginning of the tail of users' coupons");
  return Sequence(message.begin_sequence());
}

}  // namespace coupond::storage

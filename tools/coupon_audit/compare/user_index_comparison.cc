#include "coupon_audit/compare/user_index_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "base/big_endian.h"
#include "base/check.h"
#include "base/hex.h"
#include "coupon_audit/compare/rows_in_order.h"
#include "storage/views/view_rows.h"

namespace coupond::audit {
namespace {

using storage::KeyRange;
using storage::StoredViewRows;

KeyRange Tail() { return storage::TailFrom(Sequence()); }

std::uint64_t HashOf(const UserCouponRow& row) {
  const std::array<std::uint64_t, 4> numbers = {row.user.value(), row.coupon.sequence.value(),
                                                row.coupon.campaign.value(), row.coupon.ordinal};
  return std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(numbers.data()), sizeof(numbers)});
}

/// The digest says which user it is to those who have the store's key, and to no one else.
std::string Describe(const UserCouponRow& row) {
  return fmt::format("the coupon with ordinal {} of campaign {}, of the user with digest {:016x}",
                     row.coupon.ordinal, row.coupon.campaign.value(), row.user.value());
}

std::unexpected<Finding> Wrong(ViolationKind kind, const UserCouponRow& row, std::string detail) {
  return Unsound(kind,
                 {.group = {}, .sequence = row.coupon.sequence, .campaign = row.coupon.campaign},
                 std::move(detail));
}

/// Reports whether the index may have the coupon or not.
bool IsOptional(const ModelCampaign& campaign, std::uint64_t ordinal, const LogModel& model) {
  const std::optional<Serial> serial = campaign.SerialOf(ordinal);
  return serial && model.MayLackText(*serial);
}

/// A row of the index, a bucket's or the tail's.
struct IndexRow {
  std::string key;
  std::optional<std::uint32_t> bucket;  ///< nullopt: of the tail
  Sequence place;                       ///< by the key
  std::vector<UserCouponRow> coupons;   ///< by sequence, at least one

  [[nodiscard]] Sequence first() const { return coupons.front().coupon.sequence; }
  [[nodiscard]] Sequence last() const { return coupons.back().coupon.sequence; }
};

Audited<IndexRow> DecodeRow(std::string_view key, std::string_view value) {
  IndexRow row{
      .key = std::string(key), .bucket = storage::ParseBucketKey(key), .place = {}, .coupons = {}};
  if (!row.bucket && key.size() != Tail().first.size()) {
    return Unsound(
        ViolationKind::kViewRowUnexpected, {},
        fmt::format("a row of the index by user with a key that is none (key {})", Hex(key)));
  }
  row.place = Sequence(ReadBigEndian(key.substr(key.size() - kBigEndianBytes)));
  Result<std::vector<UserCouponRow>> coupons = storage::DecodeUserCoupons(value);
  if (!coupons || storage::EncodeUserCoupons(*coupons) != value) {
    return Unsound(ViolationKind::kViewRowAltered,
                   {.group = {}, .sequence = row.place, .campaign = {}},
                   fmt::format("a row of the index by user {} (key {})",
                               coupons ? "is encoded differently" : "cannot be read", Hex(key)));
  }
  row.coupons = std::move(*coupons);
  return row;
}

/// Reads the index and checks each row by itself, and that it lies where queries look for it.
class IndexReader {
 public:
  /// `model` and `end`, the last sequence, are those of the views' checkpoint.
  IndexReader(const StoredViewRows& rows, const LogModel& model, Sequence end)
      : rows_(rows), model_(model), end_(end) {}

  /// Calls visit(UserCouponRow) for each coupon of a live campaign that is in the tail or in one of
  /// these buckets, and not optional, or returns the first row that is wrong. Returns how many rows
  /// there were.
  template <typename Visit>
  Audited<std::uint64_t> Read(const KeyRange& buckets, const Visit& visit) {
    begin_ = TRY(ReadTailBegin());
    tail_first_ = TRY(ReadTailFirst());
    const std::uint64_t in_buckets = TRY(ReadRows(buckets, visit));
    const std::uint64_t in_tail = TRY(ReadRows(Tail(), visit));
    return in_buckets + in_tail + (begin_ ? 1 : 0);
  }

 private:
  /// Returns where the tail begins, if the row that says so is there: there is none as long as
  /// nothing was moved to the buckets.
  [[nodiscard]] Audited<std::optional<Sequence>> ReadTailBegin() const {
    const auto value = TRY(AsAudited(rows_.Find(storage::kTailBeginKey)));
    if (!value) return std::nullopt;
    const Result<Sequence> begin = storage::DecodeTailBegin(*value);
    // A tail that began behind the log's end would hide coupons that are yet to come.
    if (begin && *begin > Sequence() && *begin <= end_.Next() &&
        storage::EncodeTailBegin(*begin) == *value) {
      return *begin;
    }
    return Unsound(ViolationKind::kViewRowAltered, {},
                   begin ? fmt::format("the tail of the index by user begins at sequence {}, but "
                                       "the views end at {}",
                                       begin->value(), end_.value())
                         : "the row that says where the tail of the index by user begins cannot be "
                           "read");
  }

  /// Returns where the tail's coupons begin, before which all of the buckets must be. One row may
  /// have coupons from before the place where readers begin.
  [[nodiscard]] Audited<Sequence> ReadTailFirst() const {
    const Sequence begin = begin_.value_or(Sequence());
    const auto row = rows_.From(storage::TailKey(begin));
    if (!row.Valid()) TRY(AsAudited(row.status()));
    if (!row.Valid() || row.key() >= Tail().end) return begin;
    const IndexRow first = TRY(DecodeRow(row.key(), row.value()));
    return std::min(begin, first.first());
  }

  template <typename Visit>
  Audited<std::uint64_t> ReadRows(const KeyRange& range, const Visit& visit) const {
    std::uint64_t count = 0;
    std::optional<IndexRow> before;
    auto row = rows_.From(range.first);
    for (; row.Valid() && row.key() < range.end; row.Next()) {
      IndexRow next = TRY(DecodeRow(row.key(), row.value()));
      TRY(CheckPlace(next));
      if (before && before->bucket == next.bucket && next.first() <= before->place) {
        return Misplaced(next, "begins before the end of the row before it");
      }
      for (const UserCouponRow& coupon : next.coupons) {
        if (TRY(IsCompared(coupon))) visit(coupon);
      }
      before = std::move(next);
      ++count;
    }
    if (!row.Valid()) TRY(AsAudited(row.status()));
    return count;
  }

  [[nodiscard]] Audited<void> CheckPlace(const IndexRow& row) const {
    // The key of a bucket's row stays when its last coupons are dropped with their campaign.
    if (row.place < row.last() || (!row.bucket && row.place > row.last())) {
      return Misplaced(row, fmt::format("ends with sequence {}", row.last().value()));
    }
    if (!row.bucket) {
      if (!begin_ || row.place >= *begin_) return {};
      return Misplaced(
          row, fmt::format("lies before the tail, which begins at sequence {}", begin_->value()));
    }
    if (!begin_) {
      return Unsound(ViolationKind::kViewRowMissing, {},
                     "the row that says where the tail of the index by user begins is missing");
    }
    if (row.place >= tail_first_) {
      return Misplaced(row, fmt::format("of a bucket reaches into the tail, which begins at "
                                        "sequence {}",
                                        tail_first_.value()));
    }
    for (const UserCouponRow& coupon : row.coupons) {
      const std::uint32_t bucket = storage::BucketOf(coupon.user);
      if (bucket == *row.bucket) continue;
      return Misplaced(row, fmt::format("of bucket {} has {}, who is one of bucket {}", *row.bucket,
                                        Describe(coupon), bucket));
    }
    return {};
  }

  [[nodiscard]] Audited<bool> IsCompared(const UserCouponRow& coupon) const {
    const ModelCampaign* const campaign = model_.Find(coupon.coupon.campaign);
    if (campaign != nullptr) {
      return campaign->live() && !IsOptional(*campaign, coupon.coupon.ordinal, model_);
    }
    return Wrong(ViolationKind::kViewRowUnexpected, coupon,
                 "the index by user has " + Describe(coupon) + ": a campaign that never was");
  }

  static std::unexpected<Finding> Misplaced(const IndexRow& row, std::string_view what) {
    return Unsound(ViolationKind::kViewRowMisplaced,
                   {.group = {}, .sequence = row.place, .campaign = {}},
                   fmt::format("a row of the index by user {} (key {})", what, Hex(row.key)));
  }

  const StoredViewRows& rows_;
  const LogModel& model_;
  const Sequence end_;
  std::optional<Sequence> begin_;  // of the tail's rows, by their last coupons
  Sequence tail_first_;            // of the tail's coupons
};

void Sort(std::vector<UserCouponRow>& rows) {
  std::ranges::sort(rows, {},
                    [](const UserCouponRow& row) { return std::tuple(row.coupon, row.user); });
}

/// Names the first coupon in which the two differ, as they do. Both are sorted.
std::unexpected<Finding> FirstDifference(const std::vector<UserCouponRow>& found,
                                         const std::vector<UserCouponRow>& expected) {
  const auto [is, should] = std::ranges::mismatch(found, expected);
  const bool more_found = is != found.end();
  const bool more_expected = should != expected.end();
  COUPOND_CHECK(more_found || more_expected);
  if (more_found && more_expected && is->coupon.sequence == should->coupon.sequence) {
    return Wrong(ViolationKind::kViewRowAltered, *should,
                 fmt::format("the index by user has {} in the place of {}", Describe(*is),
                             Describe(*should)));
  }
  if (!more_found || (more_expected && should->coupon < is->coupon)) {
    return Wrong(ViolationKind::kViewRowMissing, *should,
                 "the index by user does not have " + Describe(*should));
  }
  return Wrong(ViolationKind::kViewRowUnexpected, *is,
               "the index by user has " + Describe(*is) +
                   ", which the log does not have here, or the index has twice");
}

}  // namespace

void UserIndexComparison::Sums::Add(const UserCouponRow& row) {
  Sum& sum = sums_[storage::BucketOf(row.user)];
  ++sum.coupons;
  sum.hashes += HashOf(row);
}

std::optional<std::uint32_t> UserIndexComparison::Sums::FindDifference(const Sums& other) const {
  const auto first = std::ranges::mismatch(sums_, other.sums_).in1;
  if (first == sums_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(first - sums_.begin());
}

void UserIndexComparison::OnGroup(const CommitGroup& group, const LogModel& model,
                                  const RowCountsByCampaign& live) {
  if (!digests_ && model.store()) digests_.emplace(model.store()->code_key);
  Sequence sequence = group.first_sequence;
  for (const Event& event : group.events) {
    const auto* const issued = std::get_if<CouponIssued>(&event);
    const bool is_users = issued != nullptr && !issued->user_id.empty();
    if (is_users && live.contains(issued->campaign) && !model.MayLackText(issued->serial)) {
      const std::uint64_t ordinal = *model.Find(issued->campaign)->OrdinalOf(issued->serial);
      sequences_[issued->campaign].Set(ordinal, sequence.value());
      expected_.Add(
          {.user = digests_->Of(issued->user_id),
           .coupon = {.sequence = sequence, .campaign = issued->campaign, .ordinal = ordinal}});
    }
    sequence = sequence.Next();
  }
}

Audited<std::uint64_t> UserIndexComparison::Compare(const StoredViewRows& rows,
                                                    const LogModel& model,
                                                    const LogTip& tip) const {
  IndexReader reader(rows, model, tip.sequence);
  Sums sums;
  const std::uint64_t count = TRY(reader.Read(
      storage::AllBuckets(), [&sums](const UserCouponRow& coupon) { sums.Add(coupon); }));
  const std::optional<std::uint32_t> bucket = sums.FindDifference(expected_);
  if (!bucket) return count;
  std::vector<UserCouponRow> found;
  TRY(reader.Read(storage::RowsOfBucket(*bucket), [&](const UserCouponRow& coupon) {
    if (storage::BucketOf(coupon.user) == *bucket) found.push_back(coupon);
  }));
  Sort(found);
  const std::vector<UserCouponRow> expected = TRY(ExpectedIn(*bucket, rows, model));
  return FirstDifference(found, expected);
}

bool UserIndexComparison::Covers(std::string_view key) {
  return key == storage::kTailBeginKey || IsIn(storage::AllBuckets(), key) || IsIn(Tail(), key);
}

Audited<std::vector<UserCouponRow>> UserIndexComparison::ExpectedIn(std::uint32_t bucket,
                                                                    const StoredViewRows& rows,
                                                                    const LogModel& model) const {
  std::vector<UserCouponRow> expected;
  UserDigests digests(model.store()->code_key);
  for (const auto& [campaign, sequences] : sequences_) {
    const KeyRange range = storage::RunsOf(campaign);
    auto row = rows.From(range.first);
    for (; row.Valid() && row.key() < range.end; row.Next()) {
      const CouponRun run = TRY(AsAudited(storage::DecodeRun(row.key(), row.value())));
      for (const CouponRun::Holder& holder : run.holders) {
        const UserDigest user = digests.Of(holder.user_id);
        if (storage::BucketOf(user) != bucket) continue;
        const std::uint64_t ordinal = run.first_ordinal + holder.offset;
        if (IsOptional(*model.Find(campaign), ordinal, model)) continue;
        expected.push_back({.user = user,
                            .coupon = {.sequence = Sequence(sequences.At(ordinal)),
                                       .campaign = campaign,
                                       .ordinal = ordinal}});
      }
    }
    if (!row.Valid()) TRY(AsAudited(row.status()));
  }
  Sort(expected);
  return expected;
}

}  // namespace coupond::audit

#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_USER_INDEX_COMPARISON_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_USER_INDEX_COMPARISON_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "coupon_audit/compare/row_counts.h"
#include "coupon_audit/model/coupon_numbers.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "engine/codes/user_digest.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "storage/views/stored_view_rows.h"
#include "storage/views/user_index_rows.h"

namespace coupond::audit {

/// Compares the index by which a user's coupons are found (storage/views/user_index.h): each coupon
/// of a live campaign that has a user_id is in it once. Those whose users were erased may be in it
/// or not, and are left out on both sides. A part of ViewComparison, for one thread.
///
/// The index has the coupons of all campaigns in an order of its own, and drops those of deleted
/// campaigns sooner or later. So neither side is kept: each is added up, by count and by the sum of
/// a hash of each coupon, for each bucket of users. A sum knows no order, sees what is there twice,
/// and is that of other coupons with a probability of 2^-64. Only the campaigns that are live at
/// the checkpoint are added up, which the views themselves say from the start (view_comparison.h),
/// so nothing has to be taken out again when one is deleted.
///
/// Only a bucket that differs is compared coupon by coupon, with the stored runs, which have been
/// compared with the log by then. They have all of a coupon but its sequence, so that is kept.
///
/// Memory: 32 KiB; at most 8 bytes for each coupon of a campaign that has users; and some 100 for
/// each coupon of one bucket, of which there are 1,024, if it differs.
class UserIndexComparison {
 public:
  /// Takes the coupons that the group issued, those of the campaigns in `live` at least. The model
  /// has taken the group.
  void OnGroup(const CommitGroup& group, const LogModel& model, const RowCountsByCampaign& live);

  /// Returns how many rows were right, or the first that is not, or a coupon that is missing, wrong
  /// or one too many. The model is at the checkpoint, where the log ends with `tip`; the campaigns
  /// and the runs of coupons have been compared.
  [[nodiscard]] Audited<std::uint64_t> Compare(const storage::StoredViewRows& rows,
                                               const LogModel& model, const LogTip& tip) const;
  /// Reports whether a key is that of a row which Compare looks at.
  [[nodiscard]] static bool Covers(std::string_view key);

 private:
  /// The coupons of one bucket, added up.
  struct Sum {
    std::uint64_t coupons = 0;
    std::uint64_t hashes = 0;

    friend bool operator==(const Sum&, const Sum&) = default;
  };
  /// One for each bucket.
  class Sums {
   public:
    void Add(const UserCouponRow& row);
    /// Returns the first bucket whose sum is another one.
    [[nodiscard]] std::optional<std::uint32_t> FindDifference(const Sums& other) const;

   private:
    std::vector<Sum> sums_ = std::vector<Sum>(storage::kUserBuckets);
  };

  /// Returns what the bucket must have, from the stored runs, by sequence.
  [[nodiscard]] Audited<std::vector<UserCouponRow>> ExpectedIn(std::uint32_t bucket,
                                                               const storage::StoredViewRows& rows,
                                                               const LogModel& model) const;

  std::optional<UserDigests> digests_;  // under the store's key, once it is known
  Sums expected_;
  // The sequences of the events that issued the coupons with users.
  boost::unordered_flat_map<CampaignNumber, CouponNumbers, std::hash<CampaignNumber>> sequences_;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_USER_INDEX_COMPARISON_H_

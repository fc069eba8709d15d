#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VIEW_COMPARISON_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VIEW_COMPARISON_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "coupon_audit/compare/coupon_comparison.h"
#include "coupon_audit/compare/expected_rows.h"
#include "coupon_audit/compare/row_counts.h"
#include "coupon_audit/compare/user_index_comparison.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/stored_views.h"

namespace coupond::audit {

/// Compares the views with the log, row by row, while the log is being replayed: the rows of
/// coupons and claims as their groups come by, everything else when the replay reaches the views'
/// checkpoint.
///
/// Its memory grows with the campaigns, and with the coupons only by 8 bytes for some of them
/// (coupon_comparison.h, user_index_comparison.h): which campaigns are live at the checkpoint it
/// takes from the views themselves (their rows are compared with the model there), and every
/// expected row is looked up by its key. At the checkpoint all rows are read in order and counted,
/// so that none can be there in excess. One thread; `views` are kPresent and outlive this.
class ViewComparison {
 public:
  [[nodiscard]] static Audited<ViewComparison> Begin(const StoredViews& views);

  /// Takes the next group of the log, after the model has. `tip` is where the log ends with it.
  void OnGroup(const CommitGroup& group, const LogTip& tip, const LogModel& model);
  /// Returns how many rows were right, or the first that was not. Call it after the last group,
  /// which `tip` is of.
  [[nodiscard]] Audited<std::uint64_t> Finish(const LogTip& tip) const;

 private:
  explicit ViewComparison(const StoredViews& views) : views_(views) {}

  void CompareRun(const ExpectedRun& expected, GroupNumber group);
  /// Returns the run as it should be at this key: of the texts that are optional, it has those that
  /// the views have.
  [[nodiscard]] CouponRun WithTextsOfViews(const ExpectedRun& expected,
                                           const std::string& key) const;
  /// Notes a row that is missing or altered. `decode` makes a row of its key and value.
  template <typename Row, typename Decode>
  void CompareRow(const std::string& key, const std::string& expected_bytes, const Row& expected,
                  const Place& place, std::string_view what, Decode decode);
  /// Keeps the first finding of each campaign.
  void Note(const Finding& finding, CampaignNumber campaign);

  /// Compares everything that can be compared only at the checkpoint.
  [[nodiscard]] Audited<void> CompareAtCheckpoint(const LogTip& tip, const LogModel& model);
  [[nodiscard]] Audited<void> CompareCampaigns(const LogModel& model);
  [[nodiscard]] Audited<void> CompareCampaign(const ModelCampaign& campaign);
  /// Compares the row by which a campaign is found by its id, also a deleted one.
  [[nodiscard]] Audited<void> CompareIndex(const ModelCampaign& campaign);
  /// Returns the first noted finding in the order of the log.
  [[nodiscard]] Audited<void> FirstNoted() const;

  const StoredViews& views_;
  RowCountsByCampaign counts_;  // of the campaigns that the views list
  boost::unordered_flat_map<CampaignNumber, Finding, std::hash<CampaignNumber>> noted_;
  CouponComparison coupons_;
  UserIndexComparison users_;
  std::uint64_t rows_compared_ = 0;
  std::optional<Audited<void>> outcome_;  // once the checkpoint was reached
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VIEW_COMPARISON_H_

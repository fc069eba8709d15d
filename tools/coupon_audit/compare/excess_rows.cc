#include "coupon_audit/compare/excess_rows.h"

#include <fmt/format.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "coupon_audit/compare/coupon_comparison.h"
#include "coupon_audit/compare/history_comparison.h"
#include "coupon_audit/compare/user_index_comparison.h"
#include "engine/ports/view_store.h"
#include "storage/views/view_rows.h"

namespace coupond::audit {
namespace {

std::unexpected<Finding> Unexpected(std::string_view key, std::optional<CampaignNumber> campaign,
                                    std::string_view what) {
  return Unsound(ViolationKind::kViewRowUnexpected,
                 {.group = {}, .sequence = {}, .campaign = campaign},
                 fmt::format("{} (key {})", what, Hex(key)));
}

class ExcessRows {
 public:
  ExcessRows(const storage::StoredViewRows& rows, const LogModel& model,
             const RowCountsByCampaign& counts)
      : rows_(rows), counts_(counts) {
    for (const ModelCampaign& campaign : model.campaigns()) {
      index_keys_.insert(storage::CampaignIndexKey(campaign.id));
    }
  }

  /// Returns the first one as a finding.
  Audited<void> Find() {
    auto row = rows_.From("");
    for (; row.Valid(); row.Next()) TRY(CheckRow(row.key(), row.value()));
    TRY(AsAudited(row.status()));
    return CheckClaimCounts();
  }

 private:
  Audited<void> CheckRow(std::string_view key, std::string_view value) {
    if (key == storage::kCheckpointKey) return {};
    if (const auto number = storage::ParseCampaignKey(key)) return {};  // compared before
    if (const auto run = storage::ParseRunKey(key)) return CheckRun(*run, key, value);
    if (const auto claims = storage::ParseClaimsKey(key)) return CountClaims(*claims, key);
    // These are compared by themselves.
    const bool is_compared =
        CouponComparison::Covers(key) || IsOfHistory(key) || UserIndexComparison::Covers(key);
    if (is_compared) return {};
    // Index keys are compared as they are, because nothing else is known of them.
    if (index_keys_.contains(std::string(key))) return {};
    const bool index = key.starts_with(storage::CampaignIndexKey({}).front());
    return Unexpected(key, std::nullopt,
                      index ? "the index has a row for an id that no campaign has had"
                            : "the row is of an unknown kind");
  }

  /// Checks that the runs of a campaign follow one another from its first coupon on.
  Audited<void> CheckRun(const storage::RunKeyParts& parts, std::string_view key,
                         std::string_view value) {
    const auto expected = counts_.find(parts.campaign);
    if (expected == counts_.end()) {
      return Unexpected(key, parts.campaign, "a run of coupons of a campaign that is not live");
    }
    if (parts.campaign != run_campaign_) {
      run_campaign_ = parts.campaign;
      next_ordinal_ = 0;
    }
    const Result<CouponRun> run = storage::DecodeRun(key, value);
    if (!run || run->first_ordinal != next_ordinal_ ||
        ++runs_[parts.campaign] > expected->second.runs) {
      return Unexpected(key, parts.campaign, "a run of coupons that the log does not have");
    }
    next_ordinal_ = run->first_ordinal + run->count;
    return {};
  }

  Audited<void> CountClaims(const storage::RunKeyParts& parts, std::string_view key) {
    if (!counts_.contains(parts.campaign)) {
      return Unexpected(key, parts.campaign, "a run of claims of a campaign that is not live");
    }
    ++claims_[parts.campaign];
    return {};
  }

  Audited<void> CheckClaimCounts() const {
    for (const auto& [campaign, count] : claims_) {
      const std::uint64_t expected = counts_.find(campaign)->second.claims;
      if (count > expected) return FindUnexpectedClaims(campaign, count, expected);
    }
    return {};
  }

  /// Names one of the runs of claims that are too many, if it can: the key of each should be where
  /// a run of coupons begins.
  Audited<void> FindUnexpectedClaims(CampaignNumber campaign, std::uint64_t count,
                                     std::uint64_t expected) const {
    const storage::KeyRange range = storage::ClaimsOf(campaign);
    for (auto row = rows_.From(range.first); row.Valid() && row.key() < range.end; row.Next()) {
      const auto parts = storage::ParseClaimsKey(row.key());
      if (!parts) continue;
      const auto run = rows_.From(storage::RunKey(campaign, parts->ordinal));
      const Result<CouponRun> coupons =
          run.Valid() ? storage::DecodeRun(run.key(), run.value())
                      : Result<CouponRun>(MakeError(ErrorCode::kViewsDamaged, ""));
      if (!coupons || coupons->campaign != campaign || coupons->first_ordinal != parts->ordinal) {
        return Unexpected(row.key(), campaign, "a run of claims where no run of coupons begins");
      }
    }
    return Unsound(
        ViolationKind::kViewRowUnexpected, {.group = {}, .sequence = {}, .campaign = campaign},
        fmt::format("the campaign has {} runs of claims, but should have {}", count, expected));
  }

  const storage::StoredViewRows& rows_;
  const RowCountsByCampaign& counts_;
  boost::unordered_flat_set<std::string> index_keys_;
  boost::unordered_flat_map<CampaignNumber, std::uint64_t, std::hash<CampaignNumber>> runs_;
  boost::unordered_flat_map<CampaignNumber, std::uint64_t, std::hash<CampaignNumber>> claims_;
  CampaignNumber run_campaign_;
  std::uint64_t next_ordinal_ = 0;
};

}  // namespace

Audited<void> FindExcessRow(const storage::StoredViewRows& rows, const LogModel& model,
                            const RowCountsByCampaign& counts) {
  return ExcessRows(rows, model, counts).Find();
}

}  // namespace coupond::audit

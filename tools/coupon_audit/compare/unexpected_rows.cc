#include "coupon_audit/compare/unexpected_rows.h"

#include <fmt/format.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/views/view_keys.h"
#include "storage/views/view_rows.h"

namespace coupond::audit {
namespace {

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::unexpected<Finding> Unexpected(std::string_view key, std::optional<CampaignNumber> campaign,
                                    std::string_view what) {
  return Unsound(ViolationKind::kViewRowUnexpected,
                 {.group = {}, .sequence = {}, .campaign = campaign},
                 fmt::format("{} (key {})", what, Hex(key)));
}

/// Goes through all rows in the order of their keys. All expected rows are known to be there, so
/// what does not fit between them is one too many.
class Scan {
 public:
  Scan(const storage::RawRows& rows, const LogModel& model, const RowCountsByCampaign& counts)
      : rows_(rows), counts_(counts) {
    for (const ModelCampaign& campaign : model.campaigns()) {
      if (campaign.live()) index_keys_.insert(storage::CampaignIndexKey(campaign.id));
    }
  }

  Audited<void> Run() {
    auto row = rows_.From("");
    for (; row.Valid(); row.Next()) {
      if (auto checked = CheckRow(row.key(), row.value()); !checked) return checked;
    }
    if (Status end = row.status(); !end) return std::unexpected(FindingOf(std::move(end.error())));
    return CheckClaimCounts();
  }

 private:
  Audited<void> CheckRow(std::string_view key, std::string_view value) {
    if (key == storage::kCheckpointKey) return {};
    if (const auto number = storage::ParseCampaignKey(key)) return {};  // compared before
    if (const auto run = storage::ParseRunKey(key)) return CheckRun(*run, key, value);
    if (const auto claims = storage::ParseClaimsKey(key)) return CountClaims(*claims, key);
    // Index keys are compared as they are, because there is nothing else to know of them.
    if (index_keys_.contains(std::string(key))) return {};
    const bool index = key.starts_with(storage::CampaignIndexKey({}).front());
    return Unexpected(key, std::nullopt,
                      index ? "the index has a row for an id that no live campaign has"
                            : "a row of a kind that the views do not have");
  }

  /// The runs of a campaign lie one behind the other, from its first coupon on.
  Audited<void> CheckRun(const storage::RunKeyParts& parts, std::string_view key,
                         std::string_view value) {
    const auto expected = counts_.find(parts.campaign);
    if (expected == counts_.end()) {
      return Unexpected(key, parts.campaign, "a run of coupons of a campaign that does not live");
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
      return Unexpected(key, parts.campaign, "a run of claims of a campaign that does not live");
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

  /// The key of a run of claims is where its run of coupons begins, which tells most of those that
  /// are too many.
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
        fmt::format("the campaign has {} runs of claims, but the log gives {}", count, expected));
  }

  const storage::RawRows& rows_;
  const RowCountsByCampaign& counts_;
  boost::unordered_flat_set<std::string> index_keys_;
  boost::unordered_flat_map<CampaignNumber, std::uint64_t, std::hash<CampaignNumber>> runs_;
  boost::unordered_flat_map<CampaignNumber, std::uint64_t, std::hash<CampaignNumber>> claims_;
  CampaignNumber run_campaign_;
  std::uint64_t next_ordinal_ = 0;
};

}  // namespace

Audited<void> FindUnexpectedRows(const storage::RawRows& rows, const LogModel& model,
                                 const RowCountsByCampaign& counts) {
  return Scan(rows, model, counts).Run();
}

}  // namespace coupond::audit

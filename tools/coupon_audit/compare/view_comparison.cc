#include "coupon_audit/compare/view_comparison.h"

#include <fmt/format.h>

#include <boost/unordered/unordered_flat_set.hpp>
#include <utility>
#include <variant>

#include "base/hex.h"
#include "storage/views/view_rows.h"

namespace coupond::audit {
namespace {

/// Returns in words how a row differs from the expected one, whose bytes are others.
template <typename Row>
std::string DescribeAltered(const Result<Row>& found, const Row& expected) {
  if (!found) return "it cannot be read";
  const std::string difference = DifferenceOf(*found, expected);
  return difference.empty() ? "it is encoded differently" : "it differs in " + difference;
}

/// Returns where in the log a finding is. One without a place comes first.
Sequence SequenceOf(const Finding& finding) {
  const auto* const violation = std::get_if<Violation>(&finding);
  return violation == nullptr ? Sequence() : violation->place.sequence.value_or(Sequence());
}

std::unexpected<Finding> Unexpected(std::string_view key, std::optional<CampaignNumber> campaign,
                                    std::string_view what) {
  return Unsound(ViolationKind::kViewRowUnexpected,
                 {.group = {}, .sequence = {}, .campaign = campaign},
                 fmt::format("{} (key {})", what, Hex(key)));
}

/// Looks for a row besides those that are expected: one of an unknown kind, of a campaign that is
/// not live, or a run besides the right ones. Goes through all rows in the order of their keys. The
/// expected rows are known to be there, so what does not fit between them is one too many.
class ExcessRows {
 public:
  /// `model` is at the views' checkpoint; `counts` says how many rows of each live campaign were
  /// compared.
  ExcessRows(const storage::StoredViewRows& rows, const LogModel& model,
             const RowCountsByCampaign& counts)
      : rows_(rows), counts_(counts) {
    for (const ModelCampaign& campaign : model.campaigns()) {
      if (campaign.live()) index_keys_.insert(storage::CampaignIndexKey(campaign.id));
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
    if (CouponComparison::Covers(key)) return {};  // compared before
    // Index keys are compared as they are, because nothing else is known of them.
    if (index_keys_.contains(std::string(key))) return {};
    const bool index = key.starts_with(storage::CampaignIndexKey({}).front());
    return Unexpected(key, std::nullopt,
                      index ? "the index has a row for an id that no live campaign has"
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

Audited<ViewComparison> ViewComparison::Begin(const StoredViews& views) {
  ViewComparison comparison(views);
  auto row = views.rows().From(storage::CampaignKey(CampaignNumber()));
  for (; row.Valid() && row.key().starts_with(storage::CampaignKey(CampaignNumber()).front());
       row.Next()) {
    if (const auto number = storage::ParseCampaignKey(row.key())) {
      comparison.counts_.try_emplace(*number);
    }
  }
  if (!row.Valid()) TRY(AsAudited(row.status()));
  return comparison;
}

void ViewComparison::OnGroup(const CommitGroup& group, const LogTip& tip, const LogModel& model) {
  if (outcome_) return;
  for (const ExpectedRun& run : ExpectedRuns(group, model)) {
    if (counts_.contains(run.coupons.campaign)) CompareRun(run, group.number);
  }
  for (const CouponStatusRow& row : ExpectedStatuses(group, model)) {
    if (counts_.contains(row.campaign)) coupons_.Expect(row);
  }
  if (group.number == views_.checkpoint().tip.group) outcome_ = CompareAtCheckpoint(tip, model);
}

Audited<std::uint64_t> ViewComparison::Finish(const LogTip& tip) const {
  if (!outcome_) {
    return Unsound(ViolationKind::kViewsAheadOfLog,
                   {.group = tip.group.Next(), .sequence = {}, .campaign = {}},
                   fmt::format("the log ends with group {}, but the views contain group {}",
                               tip.group.value(), views_.checkpoint().tip.group.value()));
  }
  TRY(*outcome_);
  return rows_compared_;
}

void ViewComparison::CompareRun(const ExpectedRun& expected, GroupNumber group) {
  const CouponRun& coupons = expected.coupons;
  const Place place{
      .group = group, .sequence = expected.first_sequence, .campaign = coupons.campaign};
  RowCounts& counts = counts_[coupons.campaign];
  ++counts.runs;
  CompareRow(storage::RunKey(coupons.campaign, coupons.first_ordinal + coupons.count - 1),
             storage::EncodeRun(coupons), coupons, place, "run of coupons", storage::DecodeRun);
  if (!expected.has_claims()) return;
  ++counts.claims;
  CompareRow(storage::ClaimsKey(coupons.campaign, coupons.first_ordinal),
             storage::EncodeClaims(expected.claims), expected.claims, place, "run of claims",
             storage::DecodeClaims);
}

template <typename Row, typename Decode>
void ViewComparison::CompareRow(const std::string& key, const std::string& expected_bytes,
                                const Row& expected, const Place& place, std::string_view what,
                                Decode decode) {
  Result<std::optional<std::string>> found = views_.rows().Find(key);
  if (!found) {
    Note(FindingOf(std::move(found.error())), *place.campaign);
    return;
  }
  ++rows_compared_;
  if (*found == expected_bytes) return;
  Violation violation{.kind = ViolationKind::kViewRowMissing, .place = place, .detail = {}};
  if (!*found) {
    violation.detail = fmt::format("the {} of this group is not in the views", what);
  } else {
    violation.kind = ViolationKind::kViewRowAltered;
    violation.detail = fmt::format("the {} of this group: {}", what,
                                   DescribeAltered(decode(key, **found), expected));
  }
  Note(violation, *place.campaign);
}

void ViewComparison::Note(const Finding& finding, CampaignNumber campaign) {
  noted_.try_emplace(campaign, finding);
}

Audited<void> ViewComparison::CompareAtCheckpoint(const LogTip& tip, const LogModel& model) {
  const Checkpoint expected = ExpectedCheckpoint(model, tip);
  if (views_.checkpoint_bytes() != storage::EncodeCheckpoint(expected)) {
    const Result<Checkpoint> found = views_.checkpoint();
    return Unsound(ViolationKind::kViewCheckpointWrong,
                   {.group = tip.group, .sequence = tip.sequence, .campaign = {}},
                   "the checkpoint: " + DescribeAltered(found, expected));
  }
  ++rows_compared_;
  TRY(CompareCampaigns(model));
  TRY(FirstNoted());
  rows_compared_ += TRY(coupons_.Compare(views_.rows(), model));
  return ExcessRows(views_.rows(), model, counts_).Find();
}

Audited<void> ViewComparison::CompareCampaigns(const LogModel& model) {
  for (const auto& [number, counts] : counts_) {
    const ModelCampaign* const campaign = model.Find(number);
    if (campaign != nullptr && campaign->live()) continue;
    const Place place{.group = views_.checkpoint().tip.group, .sequence = {}, .campaign = number};
    return Unsound(
        ViolationKind::kViewRowUnexpected, place,
        campaign == nullptr
            ? "the views have a campaign that was never created"
            : fmt::format("the views have the campaign, which was deleted at sequence {}",
                          campaign->deleted->sequence.value()));
  }
  for (const ModelCampaign& campaign : model.campaigns()) {
    if (campaign.live()) TRY(CompareCampaign(campaign));
  }
  return {};
}

Audited<void> ViewComparison::CompareCampaign(const ModelCampaign& campaign) {
  const Place place{
      .group = views_.checkpoint().tip.group, .sequence = {}, .campaign = campaign.number};
  const Campaign expected = ExpectedCampaign(campaign);
  const std::string key = storage::CampaignKey(campaign.number);
  const std::optional<std::string> found = TRY(AsAudited(views_.rows().Find(key)));
  if (!found) {
    return Unsound(ViolationKind::kViewRowMissing, place, "the campaign is not in the views");
  }
  if (*found != storage::EncodeCampaign(expected)) {
    const Result<Campaign> row = storage::DecodeCampaign(key, *found);
    // The most common fault has a name of its own: only counts are wrong.
    Campaign counted = expected;
    if (row) {
      counted.issued_coupons = row->issued_coupons;
      counted.redeemed_coupons = row->redeemed_coupons;
      counted.voided_coupons = row->voided_coupons;
      counted.returned_coupons = row->returned_coupons;
    }
    const bool count_only = row && *row == counted && *row != expected;
    return Unsound(count_only ? ViolationKind::kViewCountWrong : ViolationKind::kViewRowAltered,
                   place, "the row of the campaign: " + DescribeAltered(row, expected));
  }
  const std::optional<std::string> index =
      TRY(AsAudited(views_.rows().Find(storage::CampaignIndexKey(campaign.id))));
  if (!index) {
    return Unsound(ViolationKind::kViewRowMissing, place,
                   fmt::format("the index has no row for the campaign's id, {}",
                               FormatUuid(campaign.id.bytes)));
  }
  if (*index != storage::EncodeCampaignIndex(campaign.number)) {
    return Unsound(ViolationKind::kViewRowAltered, place,
                   fmt::format("the index row of the campaign's id, {}, does not lead to it",
                               FormatUuid(campaign.id.bytes)));
  }
  rows_compared_ += 2;
  return {};
}

Audited<void> ViewComparison::FirstNoted() const {
  const Finding* first = nullptr;
  for (const auto& [campaign, finding] : noted_) {
    if (first == nullptr || SequenceOf(finding) < SequenceOf(*first)) first = &finding;
  }
  if (first != nullptr) return std::unexpected(*first);
  return {};
}

}  // namespace coupond::audit

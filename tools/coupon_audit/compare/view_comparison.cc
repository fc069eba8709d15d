#include "coupon_audit/compare/view_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "coupon_audit/compare/excess_rows.h"
#include "coupon_audit/compare/history_comparison.h"
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

/// Returns the expected run, but with those of the optional texts that the run in the views has.
CouponRun WithOptionalHolders(const ExpectedRun& expected, const CouponRun& found) {
  constexpr auto kOffset = &CouponRun::Holder::offset;
  CouponRun run = expected.coupons;
  for (const std::uint32_t offset : expected.optional_holders) {
    const auto theirs = std::ranges::find(found.holders, offset, kOffset);
    const auto ours = std::ranges::lower_bound(run.holders, offset, {}, kOffset);
    const bool is_ours = ours != run.holders.end() && ours->offset == offset;
    const bool is_theirs = theirs != found.holders.end();
    if (is_ours && !is_theirs) run.holders.erase(ours);
    if (is_theirs && !is_ours) run.holders.insert(ours, *theirs);
  }
  return run;
}

/// Returns where in the log a finding is. One without a place comes first.
Sequence SequenceOf(const Finding& finding) {
  const auto* const violation = std::get_if<Violation>(&finding);
  return violation == nullptr ? Sequence() : violation->place.sequence.value_or(Sequence());
}

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
  const Sequence views_end = views_.checkpoint().tip.sequence;
  for (const ExpectedRun& run : ExpectedRuns(group, model, views_end)) {
    if (counts_.contains(run.coupons.campaign)) CompareRun(run, group.number);
  }
  for (const CouponStatusRow& row : ExpectedStatuses(group, model)) {
    if (counts_.contains(row.campaign)) coupons_.Expect(row);
  }
  users_.OnGroup(group, model, counts_);
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
  const std::string key = storage::RunKey(
      expected.coupons.campaign, expected.coupons.first_ordinal + expected.coupons.count - 1);
  const CouponRun coupons = WithTextsOfViews(expected, key);
  const Place place{
      .group = group, .sequence = expected.first_sequence, .campaign = coupons.campaign};
  RowCounts& counts = counts_[coupons.campaign];
  ++counts.runs;
  CompareRow(key, storage::EncodeRun(coupons), coupons, place, "run of coupons",
             storage::DecodeRun);
  if (!expected.has_claims()) return;
  ++counts.claims;
  CompareRow(storage::ClaimsKey(coupons.campaign, coupons.first_ordinal),
             storage::EncodeClaims(expected.claims), expected.claims, place, "run of claims",
             storage::DecodeClaims);
}

CouponRun ViewComparison::WithTextsOfViews(const ExpectedRun& expected,
                                           const std::string& key) const {
  if (expected.optional_holders.empty()) return expected.coupons;
  // What cannot be read is reported when the row is compared.
  const Result<std::optional<std::string>> row = views_.rows().Find(key);
  if (!row || !*row) return expected.coupons;
  const Result<CouponRun> found = storage::DecodeRun(key, **row);
  return found ? WithOptionalHolders(expected, *found) : expected.coupons;
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
  rows_compared_ += TRY(CompareHistory(views_.rows(), model));
  TRY(FindExcessRow(views_.rows(), model, counts_));
  // Now all runs of coupons are known to be right.
  rows_compared_ += TRY(users_.Compare(views_.rows(), model, tip));
  return {};
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
    TRY(CompareIndex(campaign));
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
  ++rows_compared_;
  return {};
}

Audited<void> ViewComparison::CompareIndex(const ModelCampaign& campaign) {
  const Place place{
      .group = views_.checkpoint().tip.group, .sequence = {}, .campaign = campaign.number};
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
  ++rows_compared_;
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

#include "coupon_audit/compare/coupon_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "coupon_audit/compare/rows_in_order.h"
#include "storage/views/coupon_rows.h"
#include "storage/views/state_rows.h"

namespace coupond::audit {
namespace {

using storage::StoredViewRows;

/// Returns a hash that is not 0, which stands for no row.
std::uint64_t HashOf(std::string_view bytes) {
  return std::max<std::uint64_t>(1, std::hash<std::string_view>()(bytes));
}

/// Returns in words how the row of a coupon differs from what the model knows of it.
std::string DescribeAltered(const Result<CouponStatusRow>& found, const ModelCoupon& expected) {
  if (!found) return "it cannot be read";
  const CouponStatus& status = found->status;
  if (status.state != expected.state) {
    return fmt::format("it says {} instead of {}", StateName(status.state),
                       StateName(expected.state));
  }
  if (status.redemption && status.redemption->sequence != expected.since) {
    return fmt::format("it has the redemption of sequence {}", status.redemption->sequence.value());
  }
  if (status.claim_freed != expected.claim_freed) {
    return status.claim_freed ? "it says that the claim was freed"
                              : "it does not say that the claim was freed";
  }
  return "it has another time, text or key, or is encoded differently";
}

/// Compares the status of one coupon.
Audited<void> CompareStatus(RowsInOrder& rows, const ModelCampaign& campaign, std::uint64_t ordinal,
                            std::uint64_t hash) {
  const ModelCoupon coupon = campaign.CouponAt(ordinal);
  Place place{.group = {}, .sequence = coupon.since, .campaign = campaign.number};
  if (coupon.state == CouponState::kIssued) place.sequence.reset();
  const std::string key = storage::StatusKey(campaign.number, ordinal);
  const std::string value = TRY(rows.Next(key, place));
  const Result<CouponStatusRow> row = storage::DecodeStatus(key, value);
  if (row && row->status.claim_freed == coupon.claim_freed &&
      storage::EncodeStatus(row->status) == value) {
    CouponStatus status = row->status;
    status.claim_freed = false;
    if (HashOf(storage::EncodeStatus(status)) == hash) return {};
  }
  return Unsound(ViolationKind::kViewRowAltered, place,
                 fmt::format("the status of the coupon with serial {}: {}",
                             campaign.SerialOf(ordinal)->value(), DescribeAltered(row, coupon)));
}

/// Compares the rows by which the coupons in a state are found. The keys say it all.
Audited<void> CompareInState(RowsInOrder& rows, const ModelCampaign& campaign, CouponState state,
                             const CouponNumbers& coupons_with_rows) {
  Audited<void> compared;
  coupons_with_rows.ForEach([&](std::uint64_t ordinal, std::uint64_t /*hash*/) {
    const ModelCoupon coupon = campaign.CouponAt(ordinal);
    if (!compared || coupon.state != state) return;
    const Place place{.group = {}, .sequence = coupon.since, .campaign = campaign.number};
    const Audited<std::string> value =
        rows.Next(storage::StateKey(campaign.number, state, ordinal), place);
    if (!value) {
      compared = std::unexpected(value.error());
    } else if (!value->empty()) {
      compared = Unsound(ViolationKind::kViewRowAltered, place,
                         fmt::format("the row of the coupon with serial {} among those that are {} "
                                     "has a value",
                                     campaign.SerialOf(ordinal)->value(), StateName(state)));
    }
  });
  return compared;
}

/// Compares the rows by which the campaign of a serial is found.
Audited<std::uint64_t> CompareSerials(const StoredViewRows& stored, const LogModel& model) {
  std::vector<SerialsRow> expected;
  for (const ModelCampaign& campaign : model.campaigns()) {
    if (!campaign.live()) continue;
    for (const SerialRange& range : campaign.serials) expected.push_back({campaign.number, range});
  }
  std::ranges::sort(expected, {}, [](const SerialsRow& row) { return row.serials.first; });
  RowsInOrder rows(stored, storage::SerialsFrom(Serial()), "a row of a campaign's serials");
  for (const SerialsRow& row : expected) {
    const Place place{.group = {}, .sequence = {}, .campaign = row.campaign};
    const Serial last = row.serials.first.Plus(row.serials.count - 1);
    const std::string value = TRY(rows.Next(storage::SerialsKey(last), place));
    if (value == storage::EncodeSerials(row)) continue;
    return Unsound(ViolationKind::kViewRowAltered, place,
                   fmt::format("the row of the serials {}", SerialsText({row.serials})));
  }
  return rows.Finish();
}

/// Compares the rows of the requests that were carried out.
Audited<std::uint64_t> CompareRequests(const StoredViewRows& stored, const LogModel& model) {
  std::vector<const LogModel::Requests::value_type*> expected;
  expected.reserve(model.requests().size());
  for (const auto& request : model.requests()) expected.push_back(&request);
  std::ranges::sort(expected, {}, [](const auto* request) { return request->first; });
  RowsInOrder rows(stored, storage::AllRequests(), "the row of a request");
  for (const auto* const request : expected) {
    const RequestRow row{.digest = request->first, .carried_out = request->second};
    const Place place{.group = {}, .sequence = row.carried_out.sequence, .campaign = {}};
    const std::string value = TRY(rows.Next(storage::RequestKeyOf(row.digest), place));
    if (value == storage::EncodeRequest(row)) continue;
    return Unsound(ViolationKind::kViewRowAltered, place,
                   "the row of the request does not say what came of it");
  }
  return rows.Finish();
}

}  // namespace

void CouponComparison::Expect(const CouponStatusRow& row) {
  const bool has_row = row.status != CouponStatus{};
  CouponStatus status = row.status;
  status.claim_freed = false;
  statuses_[row.campaign].Set(row.ordinal, has_row ? HashOf(storage::EncodeStatus(status)) : 0);
}

Audited<std::uint64_t> CouponComparison::Compare(const StoredViewRows& rows,
                                                 const LogModel& model) const {
  const std::uint64_t statuses = TRY(CompareStatuses(rows, model));
  const std::uint64_t states = TRY(CompareStates(rows, model));
  const std::uint64_t serials = TRY(CompareSerials(rows, model));
  const std::uint64_t requests = TRY(CompareRequests(rows, model));
  return statuses + states + serials + requests;
}

bool CouponComparison::Covers(std::string_view key) {
  return IsIn(storage::AllStatuses(), key) || IsIn(storage::AllStates(), key) ||
         IsIn(storage::SerialsFrom(Serial()), key) || IsIn(storage::AllRequests(), key);
}

Audited<std::uint64_t> CouponComparison::CompareStatuses(const StoredViewRows& rows,
                                                         const LogModel& model) const {
  RowsInOrder in_order(rows, storage::AllStatuses(), "the status of a coupon");
  for (const ModelCampaign& campaign : model.campaigns()) {
    const auto expected = statuses_.find(campaign.number);
    if (!campaign.live() || expected == statuses_.end()) continue;
    Audited<void> compared;
    expected->second.ForEach([&](std::uint64_t ordinal, std::uint64_t hash) {
      if (compared) compared = CompareStatus(in_order, campaign, ordinal, hash);
    });
    TRY(compared);
  }
  return in_order.Finish();
}

Audited<std::uint64_t> CouponComparison::CompareStates(const StoredViewRows& rows,
                                                       const LogModel& model) const {
  RowsInOrder in_order(rows, storage::AllStates(), "the row of a coupon's state");
  for (const ModelCampaign& campaign : model.campaigns()) {
    const auto expected = statuses_.find(campaign.number);
    if (!campaign.live() || expected == statuses_.end()) continue;
    // In the order of their keys.
    for (const CouponState state :
         {CouponState::kRedeemed, CouponState::kVoided, CouponState::kReturned}) {
      TRY(CompareInState(in_order, campaign, state, expected->second));
    }
  }
  return in_order.Finish();
}

}  // namespace coupond::audit

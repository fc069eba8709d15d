#include "coupon_audit/compare/history_comparison.h"

#include <fmt/format.h>

#include <string>

#include "coupon_audit/compare/rows_in_order.h"
#include "engine/ports/view_store.h"
#include "storage/views/history_rows.h"

namespace coupond::audit {
namespace {

using storage::StoredViewRows;

Audited<std::uint64_t> CompareErasedCampaigns(const StoredViewRows& stored, const LogModel& model) {
  RowsInOrder rows(stored, storage::AllErasedCampaigns(), "the row of a deleted campaign's id");
  for (const ModelCampaign& campaign : model.campaigns()) {
    if (campaign.live()) continue;
    const Place place = PlaceOf(*campaign.deleted, campaign.number);
    const std::string value = TRY(rows.Next(storage::ErasedCampaignKey(campaign.number), place));
    if (value == storage::EncodeErasedCampaign(campaign.id)) continue;
    return Unsound(ViolationKind::kViewRowAltered, place,
                   fmt::format("the row of the deleted campaign's id does not have {}",
                               FormatUuid(campaign.id.bytes)));
  }
  return rows.Finish();
}

Audited<std::uint64_t> CompareSoldOuts(const StoredViewRows& stored, const LogModel& model) {
  RowsInOrder rows(stored, storage::AllSoldOuts(), "the row of a campaign that sold out");
  for (const LogModel::SoldOut& sold_out : model.sold_outs()) {
    const Place place{.group = {}, .sequence = sold_out.sequence, .campaign = sold_out.campaign};
    const std::string value = TRY(rows.Next(storage::SoldOutKey(sold_out.sequence), place));
    if (value == storage::EncodeSoldOut(sold_out.campaign)) continue;
    return Unsound(ViolationKind::kViewRowAltered, place,
                   "the row of the campaign that sold out does not name it");
  }
  return rows.Finish();
}

Audited<std::uint64_t> CompareErasures(const StoredViewRows& stored, const LogModel& model) {
  RowsInOrder rows(stored, storage::AllErasures(), "the row of an erasure");
  for (const auto& [sequence, erased] : model.unfinished_erasures()) {
    const Place place{.group = {}, .sequence = sequence, .campaign = erased.campaign};
    const std::string value = TRY(rows.Next(storage::ErasureKey(sequence), place));
    const ErasureRow expected{
        .sequence = sequence, .campaign = erased.campaign, .serials = erased.serials};
    if (value == storage::EncodeErasure(expected)) continue;
    return Unsound(ViolationKind::kViewRowAltered, place,
                   "the row of the erasure does not have its campaign and coupons");
  }
  return rows.Finish();
}

}  // namespace

Audited<std::uint64_t> CompareHistory(const StoredViewRows& rows, const LogModel& model) {
  const std::uint64_t erased = TRY(CompareErasedCampaigns(rows, model));
  const std::uint64_t sold_outs = TRY(CompareSoldOuts(rows, model));
  const std::uint64_t erasures = TRY(CompareErasures(rows, model));
  return erased + sold_outs + erasures;
}

bool IsOfHistory(std::string_view key) {
  return IsIn(storage::AllErasedCampaigns(), key) || IsIn(storage::AllSoldOuts(), key) ||
         IsIn(storage::AllErasures(), key);
}

}  // namespace coupond::audit

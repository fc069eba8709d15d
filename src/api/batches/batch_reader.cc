#include "api/batches/batch_reader.h"

#include <string>
#include <utility>
#include <variant>

#include "engine/rules/event.h"
#include "engine/views/log_lookup.h"

namespace coupond::api {
namespace {

std::unexpected<Error> NoBatchAt(Sequence sequence) {
  return MakeError(ErrorCode::kLogUndecodable,
                   "event " + std::to_string(sequence.value()) +
                       " of the log is not the batch that the ledger says it is");
}

}  // namespace

Status BatchReader::ReadLog() {
  const GroupNumber number = TRY(FindGroup(log_, sequence_));
  const CommitGroup group = TRY(ReadGroup(log_, number));
  const std::size_t at = sequence_.value() - group.first_sequence.value();
  if (at >= group.events.size()) return NoBatchAt(sequence_);
  const auto* const batch = std::get_if<BatchIssued>(&group.events[at]);
  if (batch == nullptr || group.events.size() - at <= batch->coupons) return NoBatchAt(sequence_);
  serials_.reserve(batch->coupons);
  for (std::size_t i = 0; i < batch->coupons; ++i) {
    const auto* const issued = std::get_if<CouponIssued>(&group.events[at + 1 + i]);
    if (issued == nullptr) return NoBatchAt(sequence_);
    serials_.push_back(issued->serial);
    if (!issued->claim()) continue;
    batch_.by_request_key = issued->request_key.has_value();
    batch_.by_claim.emplace(*issued->claim(), i);
  }
  return {};
}

Result<bool> BatchReader::ReadCoupons(const ViewStore& views, std::size_t limit) {
  const std::size_t done = batch_.coupons.size();
  const std::optional<std::uint64_t> ordinal = batch_.campaign->serials.OrdinalOf(serials_[done]);
  if (!ordinal) return NoBatchAt(sequence_);
  // They were issued one after the other, so they lie beside each other.
  CouponReader reader = TRY(CouponReader::Open(views, *batch_.campaign, *ordinal,
                                               std::min(limit, serials_.size() - done)));
  std::vector<CouponRow> rows = TRY(reader.Next(limit));
  for (CouponRow& row : rows) {
    if (row.serial != serials_[batch_.coupons.size()]) return NoBatchAt(sequence_);
    batch_.coupons.push_back(std::move(row));
  }
  if (rows.empty()) return NoBatchAt(sequence_);
  return batch_.coupons.size() == serials_.size();
}

Found<bool> BatchReader::ReadSome(const ViewStore& views) {
  if (!batch_.campaign) {
    TRY(ReadLog());
    batch_.campaign = TRY(views.FindCampaign(campaign_id_));
    batch_.time = clock_.Now();
    batch_.coupons.reserve(serials_.size());
  }
  if (batch_.campaign) {
    Result<bool> complete = ReadCoupons(views, kPartCoupons);
    if (complete) return *complete;
    const auto still_there = TRY(views.FindCampaign(campaign_id_));
    if (still_there) return std::unexpected(std::move(complete.error()));
  }
  return NotThere(views);
}

}  // namespace coupond::api

#ifndef COUPOND_STORAGE_VIEWS_HISTORY_ROWS_H_
#define COUPOND_STORAGE_VIEWS_HISTORY_ROWS_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "storage/views/view_rows.h"

/// The rows of what has been: the ids of erased campaigns and when campaigns sold out, which are
/// kept forever, and erasures of users, until they are finished. view_rows.h describes their keys.
/// Pure functions, any thread.
namespace coupond::storage {

[[nodiscard]] std::string EncodeErasedCampaign(const CampaignId& id);
[[nodiscard]] std::string EncodeSoldOut(CampaignNumber campaign);
[[nodiscard]] std::string EncodeErasure(const ErasureRow& row);

[[nodiscard]] Result<CampaignId> DecodeErasedCampaign(std::string_view value);
[[nodiscard]] Result<SoldOutRow> DecodeSoldOut(std::string_view key, std::string_view value);
[[nodiscard]] Result<ErasureRow> DecodeErasure(std::string_view key, std::string_view value);

[[nodiscard]] std::string ErasedCampaignKey(CampaignNumber campaign);
[[nodiscard]] std::string SoldOutKey(Sequence sequence);
[[nodiscard]] std::string ErasureKey(Sequence sequence);

/// Returns the campaign of an erased campaign's key, or nullopt if it is none.
[[nodiscard]] std::optional<CampaignNumber> ParseErasedCampaignKey(std::string_view key);
/// Returns the sequence of a sold-out key, or nullopt if it is none.
[[nodiscard]] std::optional<Sequence> ParseSoldOutKey(std::string_view key);

[[nodiscard]] KeyRange AllErasedCampaigns();
[[nodiscard]] KeyRange AllSoldOuts();
[[nodiscard]] KeyRange AllErasures();
/// Returns the range of the rows up to this sequence.
[[nodiscard]] KeyRange ErasuresUpTo(Sequence last);
/// Returns the range of the rows from `first` on and before `end`.
[[nodiscard]] KeyRange SoldOutsBetween(Sequence first, Sequence end);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_HISTORY_ROWS_H_

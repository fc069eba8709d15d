#ifndef COUPOND_STORAGE_VIEWS_COUPON_ROWS_H_
#define COUPOND_STORAGE_VIEWS_COUPON_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "storage/views/view_rows.h"

/// The rows of what becomes of issued coupons; view_rows.h describes their keys and has the others.
/// Pure functions, any thread.
namespace coupond::storage {

[[nodiscard]] std::string EncodeStatus(const CouponStatus& status);
[[nodiscard]] std::string EncodeSerials(const SerialsRow& row);
[[nodiscard]] std::string EncodeRequest(const RequestRow& row);

[[nodiscard]] Result<CouponStatusRow> DecodeStatus(std::string_view key, std::string_view value);
[[nodiscard]] Result<SerialsRow> DecodeSerials(std::string_view key, std::string_view value);
[[nodiscard]] Result<RequestRow> DecodeRequest(std::string_view key, std::string_view value);

[[nodiscard]] std::string StatusKey(CampaignNumber campaign, std::uint64_t ordinal);
[[nodiscard]] std::string SerialsKey(Serial last_serial);
[[nodiscard]] std::string RequestKeyOf(const Claim& digest);

/// Returns the parts of a status's key, or nullopt if it is none.
[[nodiscard]] std::optional<RunKeyParts> ParseStatusKey(std::string_view key);

[[nodiscard]] KeyRange AllStatuses();
[[nodiscard]] KeyRange StatusesOf(CampaignNumber campaign, OrdinalRange ordinals);
/// Returns the range of rows with this serial as their last one, or a later one.
[[nodiscard]] KeyRange SerialsFrom(Serial serial);
[[nodiscard]] KeyRange AllRequests();

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_COUPON_ROWS_H_

#ifndef COUPOND_STORAGE_VIEWS_VIEW_ROWS_H_
#define COUPOND_STORAGE_VIEWS_VIEW_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/view_store.h"

/// Converts rows of the views to bytes and back (proto/…/view_rows.proto). The value does not
/// repeat what the key holds, so decoding takes both. Pure functions, any thread; what cannot be
/// decoded is kViewsDamaged.
namespace coupond::storage {

/// The version of keys and values. Raise it with every change to them: views of another version are
/// rebuilt.
inline constexpr std::uint32_t kViewsVersion = 3;

[[nodiscard]] std::string EncodeCampaign(const CampaignRow& row);
[[nodiscard]] std::string EncodeCampaignIndex(CampaignNumber campaign);
[[nodiscard]] std::string EncodeRun(const CouponRun& run);
[[nodiscard]] std::string EncodeClaims(const ClaimRun& run);
[[nodiscard]] std::string EncodeCheckpoint(const Checkpoint& checkpoint);

[[nodiscard]] Result<CampaignRow> DecodeCampaign(std::string_view key, std::string_view value);
[[nodiscard]] Result<CampaignNumber> DecodeCampaignIndex(std::string_view value);
[[nodiscard]] Result<CouponRun> DecodeRun(std::string_view key, std::string_view value);
[[nodiscard]] Result<ClaimRun> DecodeClaims(std::string_view key, std::string_view value);
[[nodiscard]] Result<Checkpoint> DecodeCheckpoint(std::string_view value);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_VIEW_ROWS_H_

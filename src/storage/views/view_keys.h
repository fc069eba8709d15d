#ifndef COUPOND_STORAGE_VIEWS_VIEW_KEYS_H_
#define COUPOND_STORAGE_VIEWS_VIEW_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"

/// The keys of the views. One letter says what the row is; numbers are 8 bytes, the highest first,
/// so that rows lie in the order of their numbers and all rows of a campaign lie together.
///
///   key                                value (view_rows.proto)   what for
///   c <campaign>                       CampaignRow               listing, in order of creation
///   i <campaign id, 16 bytes>          CampaignIndexRow          finding a campaign by its id
///   k                                  CheckpointRow             how far the views have come
///   l <campaign> <first ordinal>       ClaimRunRow               the ledger's claims, at a start
///   r <campaign> <last ordinal>        CouponRunRow              pages of coupons
///
/// Runs lie at their last ordinal, so that the run that contains an ordinal is the first one at or
/// after it: looking back would go through what is left of erased campaigns.
///
/// Pure functions, any thread.
namespace coupond::storage {

/// From `first` up to, and without, `end`.
struct KeyRange {
  std::string first;
  std::string end;
};

inline constexpr std::string_view kCheckpointKey = "k";
[[nodiscard]] std::string CampaignKey(CampaignNumber campaign);
[[nodiscard]] std::string CampaignIndexKey(const CampaignId& id);
[[nodiscard]] std::string ClaimsKey(CampaignNumber campaign, std::uint64_t first_ordinal);
[[nodiscard]] std::string RunKey(CampaignNumber campaign, std::uint64_t last_ordinal);

[[nodiscard]] KeyRange CampaignsAfter(CampaignNumber campaign);
[[nodiscard]] KeyRange AllClaims();
[[nodiscard]] KeyRange ClaimsOf(CampaignNumber campaign);
[[nodiscard]] KeyRange RunsOf(CampaignNumber campaign);

/// The parts of a key; nothing: it is not such a key.
[[nodiscard]] std::optional<CampaignNumber> ParseCampaignKey(std::string_view key);
struct RunKeyParts {
  CampaignNumber campaign;
  std::uint64_t ordinal =
      0;  ///< the last one of a run of coupons, the first one of a run of claims
};
[[nodiscard]] std::optional<RunKeyParts> ParseRunKey(std::string_view key);
[[nodiscard]] std::optional<RunKeyParts> ParseClaimsKey(std::string_view key);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_VIEW_KEYS_H_

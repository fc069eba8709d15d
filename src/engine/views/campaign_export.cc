#include "engine/views/campaign_export.h"

namespace coupond {
namespace {

/// An attempt fails if the projector writes while it lasts. It writes every few milliseconds at
/// most, and an attempt takes a small part of one.
constexpr int kAttemptsMax = 100;

}  // namespace

Result<std::optional<CampaignExport>> CampaignExport::Open(const ViewStore& views,
                                                           const CampaignId& id) {
  Checkpoint before = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    std::optional<Campaign> campaign = TRY(views.FindCampaign(id));
    if (!campaign) return std::nullopt;
    CouponReader coupons = TRY(CouponReader::Open(views, *campaign, 0));
    // The reader shows the views as they are when it opens. Rows and checkpoint change together, so
    // if the checkpoint still is the same, the campaign's row belongs to both.
    const Checkpoint after = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
    if (after.tip.sequence == before.tip.sequence) {
      return CampaignExport(*std::move(campaign), after.tip.sequence, std::move(coupons));
    }
    before = after;
  }
  return MakeError(ErrorCode::kUnavailable,
                   "the views changed each time that an export was to begin; retry");
}

}  // namespace coupond

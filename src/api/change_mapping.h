#ifndef COUPOND_API_CHANGE_MAPPING_H_
#define COUPOND_API_CHANGE_MAPPING_H_

#include <optional>
#include <string>

#include "api/mapped.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/ports/clock.h"
#include "engine/rules/campaign.h"
#include "engine/rules/command.h"

/// Maps the requests that change a campaign to the engine's commands. As in command_mapping.h, the
/// rules judge everything that a command can express. Any thread, unless a function says otherwise.
namespace coupond::api {

/// Also refuses a mask that names anything but terms. `idempotency_key` is the header of that name,
/// if there is one: another way to give request_id. For the thread of the ClaimDigest.
///
/// The error is that of the first fault, which may be one that the rules find at the time `now`
/// (FaultAt). `campaign` is the one that is to be changed: a start in the past that it has already
/// is no fault. It is only needed after an error of that reason, and may be null.
[[nodiscard]] Mapped<UpdateCampaign> MapChange(
    const coupon::v1::UpdateCampaignRequest& request, ClaimDigest& claims, const ClockReading& now,
    const std::optional<std::string>& idempotency_key = std::nullopt,
    const Campaign* campaign = nullptr);

[[nodiscard]] Mapped<SetPaused> MapChange(const coupon::v1::PauseCampaignRequest& request);
[[nodiscard]] Mapped<SetPaused> MapChange(const coupon::v1::ResumeCampaignRequest& request);

[[nodiscard]] Mapped<SetArchived> MapChange(const coupon::v1::ArchiveCampaignRequest& request);
[[nodiscard]] Mapped<SetArchived> MapChange(const coupon::v1::UnarchiveCampaignRequest& request);

}  // namespace coupond::api

#endif  // COUPOND_API_CHANGE_MAPPING_H_

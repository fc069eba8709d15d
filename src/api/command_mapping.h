#ifndef COUPOND_API_COMMAND_MAPPING_H_
#define COUPOND_API_COMMAND_MAPPING_H_

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "rpc/connect/error.h"

/// Requests as the engine's commands, with all texts in their normal form. What is refused here is
/// what no command can say: malformed ids and times, over-long texts, characters that names and ids
/// may not have. All else is for the rules to judge.
namespace coupond::service {

template <typename T>
using Mapped = std::expected<T, connect::Error>;

/// Nothing for a message that is not set. Times that the engine cannot hold become the earliest or
/// the latest that it can, which the rules then refuse.
[[nodiscard]] Mapped<std::optional<Timestamp>> MapStartTime(
    bool is_set, const google::protobuf::Timestamp& message);

/// How long after its creation a campaign starts. Durations that the engine cannot hold become the
/// longest or the most negative that it can, which the rules then refuse.
[[nodiscard]] Mapped<std::chrono::nanoseconds> MapStartIn(
    const google::protobuf::Duration& message);

[[nodiscard]] Mapped<CreateCampaign> MapCreateCampaign(
    const coupon::v1::CreateCampaignRequest& request, const CampaignId& new_id);

/// `not_found` for an id that no campaign can have.
[[nodiscard]] Mapped<CampaignId> MapCampaignId(const std::string& text);

[[nodiscard]] Mapped<IssueCoupon> MapIssueCoupon(const coupon::v1::IssueCouponRequest& request,
                                                 const ClaimDigest& claims);

/// Nothing for an id or a name that no campaign can have.
[[nodiscard]] Mapped<std::optional<DeleteCampaign>> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request);

/// How many rows to answer with.
[[nodiscard]] Mapped<std::size_t> MapPageSize(std::int32_t page_size);

}  // namespace coupond::service

#endif  // COUPOND_API_COMMAND_MAPPING_H_

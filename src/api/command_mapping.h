#ifndef COUPOND_API_COMMAND_MAPPING_H_
#define COUPOND_API_COMMAND_MAPPING_H_

#include <chrono>
#include <cstddef>
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

/// Maps requests to the engine's commands. This is the only place where names and ids are
/// normalised (base/normal_text.h): the rules, the log and the audit compare bytes.
///
/// The mapping refuses only what no command can express: malformed ids and times, texts that are
/// too long, and characters that names and ids must not contain. The rules judge everything else.
/// Any thread.
namespace coupond::api {

template <typename T>
using Mapped = std::expected<T, connect::Error>;

/// Returns nullopt if the message is not set. Times that the engine cannot represent become the
/// earliest or latest that it can, which the rules then refuse.
[[nodiscard]] Mapped<std::optional<Timestamp>> MapStartTime(
    bool is_set, const google::protobuf::Timestamp& message);

/// Returns the time from a campaign's creation to its start. Durations that the engine cannot
/// represent become the longest or most negative that it can, which the rules then refuse.
[[nodiscard]] Mapped<std::chrono::nanoseconds> MapStartIn(
    const google::protobuf::Duration& message);

[[nodiscard]] Mapped<CreateCampaign> MapCreateCampaign(
    const coupon::v1::CreateCampaignRequest& request, const CampaignId& new_id);

/// The error is `not_found` for an id that no campaign can have.
[[nodiscard]] Mapped<CampaignId> MapCampaignId(const std::string& text);

[[nodiscard]] Mapped<IssueCoupon> MapIssueCoupon(const coupon::v1::IssueCouponRequest& request,
                                                 ClaimDigest& claims);

/// Returns nullopt for an id or a name that no campaign can have.
[[nodiscard]] Mapped<std::optional<DeleteCampaign>> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request);

/// Returns the number of rows on a page.
[[nodiscard]] Mapped<std::size_t> MapPageSize(std::int32_t page_size);

}  // namespace coupond::api

#endif  // COUPOND_API_COMMAND_MAPPING_H_

#ifndef COUPOND_API_COMMAND_MAPPING_H_
#define COUPOND_API_COMMAND_MAPPING_H_

#include <google/protobuf/repeated_field.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/mapped.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"

/// Maps requests to the engine's commands; change_mapping.h does so for those that change a
/// campaign, redeem_mapping.h for those about single coupons.
///
/// The mapping refuses only what no command can express: malformed ids and times, texts that are
/// too long, characters that texts must not contain, and metadata without a key of its own. The
/// rules judge everything else. Any thread.
namespace coupond::api {

[[nodiscard]] Mapped<CreateCampaign> MapCreateCampaign(
    const coupon::v1::CreateCampaignRequest& request, const CampaignId& new_id);

/// Returns the entries by key.
[[nodiscard]] Mapped<std::vector<MetadataEntry>> MapMetadata(
    const google::protobuf::RepeatedPtrField<coupon::v1::MetadataEntry>& entries);

/// The error is `not_found` for an id that no campaign can have. `field` is the name in errors.
[[nodiscard]] Mapped<CampaignId> MapCampaignId(const std::string& text,
                                               std::string_view field = "campaign_id");

/// `idempotency_key` is the header of that name, if there is one: another way to give request_id.
[[nodiscard]] Mapped<IssueCoupon> MapIssueCoupon(
    const coupon::v1::IssueCouponRequest& request, ClaimDigest& claims,
    const std::optional<std::string>& idempotency_key = std::nullopt);

/// Returns the request_id of a request, in the message or in the header Idempotency-Key; empty if
/// it has none.
[[nodiscard]] Mapped<std::string> MapRequestId(const std::string& in_message,
                                               const std::optional<std::string>& idempotency_key);

/// Returns nullopt for an id or a name that no campaign can have.
[[nodiscard]] Mapped<std::optional<DeleteCampaign>> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request);

/// Returns the number of rows on a page: no more than the limit, however many are asked for.
[[nodiscard]] Mapped<std::size_t> MapPageSize(std::int32_t page_size);

}  // namespace coupond::api

#endif  // COUPOND_API_COMMAND_MAPPING_H_

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
#include "engine/ports/clock.h"
#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"

/// Maps requests to the engine's commands; change_mapping.h does so for those that change a
/// campaign, redeem_mapping.h for those about single coupons.
///
/// The mapping refuses only what no command can express: malformed times, texts that are
/// too long, characters that texts must not contain, and metadata without a key of its own. The
/// rules judge everything else. Fields are mapped in the order of their numbers (first_fault.h).
/// For the thread of the ClaimDigest.
namespace coupond::api {

/// The id of the new campaign is left to the caller. `idempotency_key` is the header of that name,
/// if there is one: another way to give request_id. The error is that of the first fault, which may
/// be one that the rules find at the time `now` (FaultAt).
[[nodiscard]] Mapped<CreateCampaign> MapCreateCampaign(
    const coupon::v1::CreateCampaignRequest& request, ClaimDigest& claims, const ClockReading& now,
    const std::optional<std::string>& idempotency_key = std::nullopt);

/// Returns the number of coupons for each user, where 0 stands for 1. One that is negative becomes
/// too large, for the rules to refuse.
[[nodiscard]] std::uint32_t MapCouponsPerUser(std::int32_t coupons_per_user);

/// Returns the entries by key.
[[nodiscard]] Mapped<std::vector<MetadataEntry>> MapMetadata(
    const google::protobuf::RepeatedPtrField<coupon::v1::MetadataEntry>& entries);

/// Returns the id that a text is, and kNoCampaign for any other text: so the rules and the queries
/// answer in their own order that there is no such campaign.
[[nodiscard]] CampaignId ReadCampaignId(const std::string& text);
/// Does the same for a text that must not be missing. `field` is the name in errors.
[[nodiscard]] Mapped<CampaignId> MapCampaignId(const std::string& text,
                                               std::string_view field = "campaign_id");

/// `idempotency_key` is as in MapCreateCampaign. `anonymous_request` says whose the request_id is
/// if the request names no user: kRequest or kPublicRequest. Everybody can call with a public key,
/// and must not get the coupon of another caller's request by guessing its id.
[[nodiscard]] Mapped<IssueCoupon> MapIssueCoupon(
    const coupon::v1::IssueCouponRequest& request, ClaimDigest& claims,
    const std::optional<std::string>& idempotency_key = std::nullopt,
    ClaimKind anonymous_request = ClaimKind::kRequest);

/// A name that is too long for any campaign is mapped like the id that none has.
[[nodiscard]] Mapped<DeleteCampaign> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request);

/// Returns the number of rows on a page: no more than the limit, however many are asked for.
[[nodiscard]] Mapped<std::size_t> MapPageSize(std::int32_t page_size);

}  // namespace coupond::api

#endif  // COUPOND_API_COMMAND_MAPPING_H_

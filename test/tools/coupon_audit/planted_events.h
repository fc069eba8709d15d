#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_EVENTS_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/rules/event.h"

/// Short forms of the events that a PlantedStore is made of.
namespace coupond::test {

/// The campaigns that every PlantedStore has.
inline constexpr std::uint64_t kSpring = 1;
inline constexpr std::uint64_t kSummer = 2;
inline constexpr std::uint64_t kAutumn = 3;

[[nodiscard]] StoreCreated PlantedIdentity();
[[nodiscard]] CampaignCreated CreatedEvent(std::uint64_t number, std::string name,
                                           std::int64_t total, std::uint64_t first_serial,
                                           Timestamp start);
[[nodiscard]] CouponIssued IssuedEvent(std::uint64_t campaign, std::uint64_t serial);
/// Returns an event with the holder that the user_id is in the campaign.
[[nodiscard]] CouponIssued IssuedToEvent(std::uint64_t campaign, std::uint64_t serial,
                                         const std::string& user_id);
/// Returns an event without a holder.
[[nodiscard]] CouponIssued IssuedOnRequestEvent(std::uint64_t campaign, std::uint64_t serial,
                                                std::uint8_t request_key);
/// Returns an event with both, as in a campaign of which a user may have several coupons.
[[nodiscard]] CouponIssued IssuedToOnRequestEvent(std::uint64_t campaign, std::uint64_t serial,
                                                  const std::string& user_id,
                                                  std::uint8_t request_key);
/// Returns the digest of the user_id in the campaign.
[[nodiscard]] Claim HolderOf(std::uint64_t campaign, const std::string& user_id);
[[nodiscard]] CampaignDeleted DeletedEvent(std::uint64_t campaign);
[[nodiscard]] CampaignUpdated UpdatedEvent(std::uint64_t campaign, TermChanges changes,
                                           std::optional<SerialRange> added_serials = {});
[[nodiscard]] CampaignPaused PausedEvent(std::uint64_t campaign, Activities activities,
                                         std::string reason = {});
[[nodiscard]] CampaignResumed ResumedEvent(std::uint64_t campaign, Activities activities,
                                           std::string reason = {});
[[nodiscard]] CampaignArchived ArchivedEvent(std::uint64_t campaign);
[[nodiscard]] CampaignUnarchived UnarchivedEvent(std::uint64_t campaign);
[[nodiscard]] StoreRestored RestoredEvent(std::uint64_t first_serial);
/// Returns the announcement of so many coupons, with the key of the request, if there is one.
[[nodiscard]] BatchIssued BatchEvent(std::uint64_t campaign, std::uint32_t coupons,
                                     const std::string& request_id = {});
/// Returns the key of a request with that id, and with some content.
[[nodiscard]] RequestKey RequestKeyFor(const std::string& request_id);
/// Returns an event with the key of the request, if there is one.
[[nodiscard]] CouponRedeemed RedeemedEvent(std::uint64_t campaign, std::uint64_t serial,
                                           const std::string& request_id = {});
[[nodiscard]] RedemptionCanceled CanceledEvent(std::uint64_t campaign, std::uint64_t serial,
                                               std::uint64_t redemption, std::string reason = {});
[[nodiscard]] CouponVoided VoidedEvent(std::uint64_t campaign, std::uint64_t serial,
                                       std::string reason = {});
/// Returns the event with its claim freed.
[[nodiscard]] CouponVoided FreedEvent(CouponVoided voided);
/// Returns an event that gives the place back too.
[[nodiscard]] CouponVoided ReturnedEvent(std::uint64_t campaign, std::uint64_t serial,
                                         std::optional<SerialRange> added_serials = {});

/// Returns an event that erases the users of these coupons.
[[nodiscard]] UserErased ErasedEvent(std::uint64_t campaign,
                                     const std::vector<std::uint64_t>& serials,
                                     bool claims_freed = false);
[[nodiscard]] ErasureFinished ErasureFinishedEvent(std::uint64_t erasure);

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_EVENTS_H_

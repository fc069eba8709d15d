#include "tools/coupon_audit/planted_events.h"

#include <utility>

#include "engine/codes/claim_digest.h"
#include "support/builders.h"

namespace coupond::test {

StoreCreated PlantedIdentity() {
  return {.store_id = MakeId<StoreId>(1), .code_key = MakeId<CodeKey>(0x5E), .format_version = 2};
}

CampaignCreated CreatedEvent(std::uint64_t number, std::string name, std::int64_t total,
                             std::uint64_t first_serial, Timestamp start) {
  return {.number = CampaignNumber(number),
          .id = Id(static_cast<std::uint8_t>(number)),
          .terms = {.name = std::move(name), .total_coupons = total, .start_time = start},
          .first_serial = Serial(first_serial)};
}

CouponIssued IssuedEvent(std::uint64_t campaign, std::uint64_t serial) {
  return {.campaign = CampaignNumber(campaign), .serial = Serial(serial)};
}

CouponIssued IssuedToEvent(std::uint64_t campaign, std::uint64_t serial,
                           const std::string& user_id) {
  CouponIssued issued = IssuedEvent(campaign, serial);
  issued.holder = HolderOf(campaign, user_id);
  issued.user_id = user_id;
  return issued;
}

CouponIssued IssuedOnRequestEvent(std::uint64_t campaign, std::uint64_t serial,
                                  std::uint8_t request_key) {
  CouponIssued issued = IssuedEvent(campaign, serial);
  issued.request_key = ClaimOf(request_key);
  return issued;
}

CouponIssued IssuedToOnRequestEvent(std::uint64_t campaign, std::uint64_t serial,
                                    const std::string& user_id, std::uint8_t request_key) {
  CouponIssued issued = IssuedToEvent(campaign, serial, user_id);
  issued.request_key = ClaimOf(request_key);
  return issued;
}

Claim HolderOf(std::uint64_t campaign, const std::string& user_id) {
  return ClaimDigest(PlantedIdentity().code_key)
      .Of(Id(static_cast<std::uint8_t>(campaign)), ClaimKind::kUser, user_id);
}

CampaignDeleted DeletedEvent(std::uint64_t campaign) {
  return {.campaign = CampaignNumber(campaign)};
}

CampaignUpdated UpdatedEvent(std::uint64_t campaign, TermChanges changes,
                             std::optional<SerialRange> added_serials) {
  return {.campaign = CampaignNumber(campaign),
          .changes = std::move(changes),
          .added_serials = added_serials};
}

CampaignPaused PausedEvent(std::uint64_t campaign, Activities activities, std::string reason) {
  return {
      .campaign = CampaignNumber(campaign), .activities = activities, .reason = std::move(reason)};
}

CampaignResumed ResumedEvent(std::uint64_t campaign, Activities activities, std::string reason) {
  return {
      .campaign = CampaignNumber(campaign), .activities = activities, .reason = std::move(reason)};
}

CampaignArchived ArchivedEvent(std::uint64_t campaign) {
  return {.campaign = CampaignNumber(campaign)};
}

CampaignUnarchived UnarchivedEvent(std::uint64_t campaign) {
  return {.campaign = CampaignNumber(campaign)};
}

StoreRestored RestoredEvent(std::uint64_t first_serial) {
  return {.first_serial = Serial(first_serial)};
}

BatchIssued BatchEvent(std::uint64_t campaign, std::uint32_t coupons,
                       const std::string& request_id) {
  BatchIssued batch{.campaign = CampaignNumber(campaign), .coupons = coupons};
  if (!request_id.empty()) batch.request = RequestKeyFor(request_id);
  return batch;
}

RequestKey RequestKeyFor(const std::string& request_id) {
  return {.digest = ClaimDigest(PlantedIdentity().code_key).OfRequestId(request_id),
          .content = 0x0123456789ABCDEF};
}

CouponRedeemed RedeemedEvent(std::uint64_t campaign, std::uint64_t serial,
                             const std::string& request_id) {
  CouponRedeemed redeemed{.campaign = CampaignNumber(campaign),
                          .serial = Serial(serial),
                          .order_ref = {},
                          .redeemed_by = {},
                          .request_id = request_id,
                          .request = {}};
  if (!request_id.empty()) redeemed.request = RequestKeyFor(request_id);
  return redeemed;
}

RedemptionCanceled CanceledEvent(std::uint64_t campaign, std::uint64_t serial,
                                 std::uint64_t redemption, std::string reason) {
  return {.campaign = CampaignNumber(campaign),
          .serial = Serial(serial),
          .redemption = Sequence(redemption),
          .reason = std::move(reason),
          .request = {}};
}

CouponVoided VoidedEvent(std::uint64_t campaign, std::uint64_t serial, std::string reason) {
  return {.campaign = CampaignNumber(campaign),
          .serial = Serial(serial),
          .returned = false,
          .reason = std::move(reason),
          .added_serials = {},
          .request = {}};
}

CouponVoided FreedEvent(CouponVoided voided) {
  voided.claim_freed = true;
  return voided;
}

CouponVoided ReturnedEvent(std::uint64_t campaign, std::uint64_t serial,
                           std::optional<SerialRange> added_serials) {
  CouponVoided returned = VoidedEvent(campaign, serial);
  returned.returned = true;
  returned.added_serials = added_serials;
  return returned;
}

UserErased ErasedEvent(std::uint64_t campaign, const std::vector<std::uint64_t>& serials,
                       bool claims_freed) {
  UserErased erased{
      .campaign = CampaignNumber(campaign), .serials = {}, .claims_freed = claims_freed};
  for (const std::uint64_t serial : serials) erased.serials.emplace_back(serial);
  return erased;
}

ErasureFinished ErasureFinishedEvent(std::uint64_t erasure) {
  return {.erasure = Sequence(erasure)};
}

}  // namespace coupond::test

#ifndef COUPOND_TEST_STORAGE_VIEWS_VIEW_CHANGES_H_
#define COUPOND_TEST_STORAGE_VIEWS_VIEW_CHANGES_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "engine/ports/view_store.h"
#include "support/builders.h"

/// Makes rows to fill the views with.
namespace coupond::test {

inline CampaignId IdOf(std::uint64_t campaign) { return Id(static_cast<std::uint8_t>(campaign)); }

inline Campaign SomeCampaign(std::uint64_t number, std::int64_t issued = 0) {
  return {.number = CampaignNumber(number),
          .id = IdOf(number),
          .terms = {.name = "campaign " + std::to_string(number),
                    .total_coupons = 1'000,
                    .start_time = At(5)},
          .serials = SerialRanges({.first = Serial(1 + 1'000 * number), .count = 1'000}),
          .issued_coupons = issued,
          .created_at = At(-5),
          .revision = Sequence(number)};
}

/// Returns a campaign in which every field has a value.
inline Campaign ChangedCampaign(std::uint64_t number) {
  Campaign campaign = SomeCampaign(number, 2'000);
  campaign.terms.total_coupons = 2'000;
  campaign.terms.end_time = At(500);
  campaign.terms.description = "a description\nof two lines";
  campaign.terms.metadata = {{"a", "1"}, {"b", ""}};
  campaign.terms.coupons_per_user = 1'000;
  campaign.terms.user_required = true;
  campaign.terms.redeem_start_time = At(6);
  campaign.terms.expire_time = At(700);
  campaign.terms.valid_duration = std::chrono::nanoseconds(1);
  campaign.terms.redeem_by_holder_only = true;
  campaign.issued_to_users = true;
  campaign.serials.Add({.first = Serial(1'000'000), .count = 600});
  campaign.serials.Add({.first = Serial(2'000'000), .count = 400});
  campaign.serials.Add({.first = Serial(3'000'000), .count = 1'024});
  campaign.redeemed_coupons = 300;
  campaign.voided_coupons = 20;
  campaign.returned_coupons = 1'000;
  campaign.paused = {.issuing = true, .redeeming = true};
  campaign.sold_out_at = At(0);
  campaign.archived_at = At(7);
  return campaign;
}

inline Checkpoint CheckpointAt(std::uint64_t group) {
  return {.tip = {.group = GroupNumber(group),
                  .sequence = Sequence(3 * group),
                  .time = At(static_cast<std::int64_t>(group)),
                  .hash = {static_cast<std::uint8_t>(group), 1, 2, 3}},
          .store_id = MakeId<StoreId>(1),
          .code_key = MakeId<CodeKey>(2),
          .next_campaign_number = CampaignNumber(group + 1),
          .next_serial = Serial(group + 7),
          .clock_was_reset = group % 2 == 1};
}

inline ViewChanges ChangesAt(std::uint64_t group) {
  return {.erased_campaigns = {},
          .campaigns = {},
          .runs = {},
          .claims = {},
          .user_coupons = {},
          .statuses = {},
          .serials = {},
          .requests = {},
          .checkpoint = CheckpointAt(group)};
}

inline CampaignIdRow IdRowOf(std::uint64_t campaign) {
  return {.id = IdOf(campaign), .campaign = CampaignNumber(campaign)};
}

/// Adds a new campaign to the changes.
inline void AddNew(ViewChanges& changes, const Campaign& campaign) {
  changes.campaigns.push_back(campaign);
  changes.ids.push_back({.id = campaign.id, .campaign = campaign.number});
}

inline CouponRun Coupons(std::uint64_t campaign, std::uint64_t first, std::uint32_t count) {
  return {.campaign = CampaignNumber(campaign),
          .first_ordinal = first,
          .count = count,
          .issued_at = At(static_cast<std::int64_t>(first)),
          .holders = {}};
}

inline CouponStatusRow Redeemed(std::uint64_t campaign, std::uint64_t ordinal) {
  return {.campaign = CampaignNumber(campaign),
          .ordinal = ordinal,
          .status = {.state = CouponState::kRedeemed,
                     .redemption = Redemption{.sequence = Sequence(ordinal + 9),
                                              .redeemed_at = At(-3),
                                              .order_ref = "order " + std::to_string(ordinal),
                                              .redeemed_by = "till 3",
                                              .request_id = "r",
                                              .key = KeyId(ordinal % 2)}}};
}

inline CouponStatusRow Voided(std::uint64_t campaign, std::uint64_t ordinal, CouponState state) {
  return {.campaign = CampaignNumber(campaign),
          .ordinal = ordinal,
          .status = {.state = state,
                     .voided_at = At(4),
                     .void_reason = "fraud",
                     .claim_freed = ordinal % 2 == 1}};
}

inline SerialsRow SerialsOf(std::uint64_t campaign, std::uint64_t first, std::uint64_t count) {
  return {.campaign = CampaignNumber(campaign),
          .serials = {.first = Serial(first), .count = count}};
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_STORAGE_VIEWS_VIEW_CHANGES_H_

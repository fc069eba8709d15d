#include "faults/shown_campaigns.h"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <variant>

#include "base/check.h"
#include "engine/rules/decide.h"
#include "faults/asked_commands.h"

namespace coupond::test {
namespace {

/// A campaign as its clients know it.
struct KnownCampaign {
  bool may_be_there = false;
  bool must_be_there = false;
  std::int64_t issued = 0;          // ever
  std::int64_t perhaps_issued = 0;  // besides these
  std::int64_t returned = 0;
  std::int64_t perhaps_returned = 0;  // besides these
  std::int64_t redeemed = 0;
  std::int64_t perhaps_redeemed = 0;  // besides these
  std::int64_t perhaps_canceled = 0;  // of these
};

using CampaignBytes = std::array<std::uint8_t, 16>;

struct KnownCampaigns {
  std::map<CampaignBytes, KnownCampaign> campaigns;
  std::map<Serial, CampaignBytes> campaign_of_coupon;
  std::set<Serial> returned;

  KnownCampaign& operator[](const CampaignBytes& id) { return campaigns[id]; }
  /// Returns the campaign of a coupon that a client was told of, or nullptr.
  KnownCampaign* CampaignOf(Serial serial) {
    const auto found = campaign_of_coupon.find(serial);
    return found == campaign_of_coupon.end() ? nullptr : &campaigns[found->second];
  }
};

bool OutcomeIsUnknown(const Reply& reply) {
  const auto* unavailable = std::get_if<Unavailable>(&reply.outcome);
  return unavailable != nullptr && unavailable->outcome_unknown;
}

void Add(const CreateCampaign& create, const Reply& reply, KnownCampaigns& known) {
  if (HasEvent(create, reply)) {
    known[create.id.bytes] = {.may_be_there = true, .must_be_there = true};
  } else if (OutcomeIsUnknown(reply)) {
    known[create.id.bytes].may_be_there = true;
  }
}

void Add(const IssueCoupon& issue, const Reply& reply, KnownCampaigns& known) {
  const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome);
  if (granted != nullptr) known.campaign_of_coupon[granted->serial] = issue.campaign_id.bytes;
  if (HasEvent(issue, reply)) {
    known[issue.campaign_id.bytes].issued += 1;
  } else if (OutcomeIsUnknown(reply)) {
    known[issue.campaign_id.bytes].perhaps_issued += 1;
  }
}

void Add(const BatchIssueCoupons& batch, const Reply& reply, KnownCampaigns& known) {
  KnownCampaign& campaign = known[batch.campaign_id.bytes];
  // Without results a client knows no coupons.
  if (OutcomeIsUnknown(reply) || (HasEvent(batch, reply) && !batch.results)) {
    campaign.perhaps_issued += static_cast<std::int64_t>(batch.users.size() + batch.anonymous);
  }
  if (!HasEvent(batch, reply) || !batch.results) return;
  for (const BatchResult& result : batch.results->coupons) {
    if (!result.is_new) continue;
    campaign.issued += 1;
    known.campaign_of_coupon[result.coupon->serial] = batch.campaign_id.bytes;
  }
}

void Add(const DeleteCampaign& remove, const Reply& reply, KnownCampaigns& known) {
  COUPOND_CHECK(remove.campaign_id);
  if (std::holds_alternative<Done>(reply.outcome)) {
    known[remove.campaign_id->bytes] = {};
  } else if (OutcomeIsUnknown(reply)) {
    known[remove.campaign_id->bytes].must_be_there = false;
  }
}

void Add(const RedeemCoupon& redeem, const Reply& reply, KnownCampaigns& known) {
  KnownCampaign* const campaign = known.CampaignOf(redeem.serial);
  if (campaign == nullptr) return;
  campaign->redeemed += HasEvent(redeem, reply) ? 1 : 0;
  campaign->perhaps_redeemed += OutcomeIsUnknown(reply) ? 1 : 0;
}

void Add(const CancelRedemption& cancel, const Reply& reply, KnownCampaigns& known) {
  KnownCampaign* const campaign = known.CampaignOf(cancel.serial);
  if (campaign == nullptr) return;
  campaign->redeemed -= HasEvent(cancel, reply) ? 1 : 0;
  campaign->perhaps_canceled += OutcomeIsUnknown(reply) ? 1 : 0;
}

void Add(const VoidCoupon& voiding, const Reply& reply, KnownCampaigns& known) {
  KnownCampaign* const campaign = known.CampaignOf(voiding.serial);
  if (campaign == nullptr || !voiding.return_to_pool) return;
  // Later its claim may be freed, by an event of its own.
  const bool is_new = HasEvent(voiding, reply) && known.returned.insert(voiding.serial).second;
  campaign->returned += is_new ? 1 : 0;
  campaign->perhaps_returned += OutcomeIsUnknown(reply) ? 1 : 0;
}

/// Other commands change neither whether a campaign is there nor its coupons.
template <typename AnyOther>
void Add(const AnyOther& /*command*/, const Reply& /*reply*/, KnownCampaigns& /*known*/) {}

}  // namespace

std::vector<std::string> CompareShown(std::span<const Acknowledgements::Told> told,
                                      std::span<const Campaign> shown) {
  KnownCampaigns known;
  for (const auto& [command, reply] : told) {
    std::visit([&](const auto& asked) { Add(asked, reply, known); }, command);
  }
  std::vector<std::string> faults;
  std::set<CampaignBytes> seen;
  for (const Campaign& row : shown) {
    const std::string name = "campaign " + std::to_string(row.id.bytes[0]);
    if (!seen.insert(row.id.bytes).second) faults.push_back(name + " is shown twice");
    const KnownCampaign& campaign = known[row.id.bytes];
    if (!campaign.may_be_there) faults.push_back(name + " is shown, but should not exist");
    const auto expect = [&](std::int64_t shown_count, std::int64_t known_count, std::int64_t fewer,
                            std::int64_t more, const char* what) {
      if (shown_count >= known_count - fewer && shown_count <= known_count + more) return;
      faults.push_back(name + " is shown with " + std::to_string(shown_count) + what +
                       " coupons, but clients know of " + std::to_string(known_count));
    };
    expect(static_cast<std::int64_t>(row.ordinals()), campaign.issued, 0, campaign.perhaps_issued,
           " issued");
    expect(row.returned_coupons, campaign.returned, 0, campaign.perhaps_returned, " returned");
    expect(row.redeemed_coupons, campaign.redeemed, campaign.perhaps_canceled,
           campaign.perhaps_redeemed, " redeemed");
  }
  for (const auto& [id, campaign] : known.campaigns) {
    if (campaign.must_be_there && !seen.contains(id)) {
      faults.push_back("campaign " + std::to_string(id[0]) + " is not shown");
    }
  }
  return faults;
}

}  // namespace coupond::test

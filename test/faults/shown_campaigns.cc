#include "faults/shown_campaigns.h"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <variant>

#include "base/check.h"

namespace coupond::test {
namespace {

/// A campaign as its clients know it.
struct KnownCampaign {
  bool may_be_there = false;
  bool must_be_there = false;
  std::int64_t issued = 0;
  std::int64_t perhaps_issued = 0;  // besides these
};

using KnownCampaigns = std::map<std::array<std::uint8_t, 16>, KnownCampaign>;

bool OutcomeIsUnknown(const Reply& reply) {
  const auto* unavailable = std::get_if<Unavailable>(&reply.outcome);
  return unavailable != nullptr && unavailable->outcome_unknown;
}

void Add(const CreateCampaign& create, const Reply& reply, KnownCampaigns& known) {
  if (std::holds_alternative<Done>(reply.outcome)) {
    known[create.id.bytes] = {.may_be_there = true, .must_be_there = true};
  } else if (OutcomeIsUnknown(reply)) {
    known[create.id.bytes].may_be_there = true;
  }
}

void Add(const IssueCoupon& issue, const Reply& reply, KnownCampaigns& known) {
  const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome);
  if (granted != nullptr && !granted->already_issued) {
    known[issue.campaign_id.bytes].issued += 1;
  } else if (OutcomeIsUnknown(reply)) {
    known[issue.campaign_id.bytes].perhaps_issued += 1;
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
  std::set<std::array<std::uint8_t, 16>> seen;
  for (const Campaign& row : shown) {
    const std::string name = "campaign " + std::to_string(row.id.bytes[0]);
    if (!seen.insert(row.id.bytes).second) faults.push_back(name + " is shown twice");
    const KnownCampaign& campaign = known[row.id.bytes];
    if (!campaign.may_be_there) faults.push_back(name + " is shown, but should not exist");
    if (row.issued_coupons < campaign.issued ||
        row.issued_coupons > campaign.issued + campaign.perhaps_issued) {
      faults.push_back(name + " is shown with " + std::to_string(row.issued_coupons) +
                       " coupons, but clients know of " + std::to_string(campaign.issued));
    }
  }
  for (const auto& [id, campaign] : known) {
    if (campaign.must_be_there && !seen.contains(id)) {
      faults.push_back("campaign " + std::to_string(id[0]) + " is not shown");
    }
  }
  return faults;
}

}  // namespace coupond::test

#include "simulation/checks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/views/coupon_reader.h"
#include "simulation/erasure_check.h"
#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

using test::Model;
using test::ModelCampaign;
using test::ModelCoupon;

constexpr const char* kLedgerPromise = "the ledger equals the model";
constexpr const char* kViewsPromise = "the views equal the model at their checkpoint";
constexpr std::size_t kPage = 7;  // small, so that there are several pages

void DemandInViews(bool holds, const char* what, CampaignNumber campaign, Sequence checkpoint) {
  Demand(holds, kViewsPromise, [&] {
    return what + Numbered(" of campaign", campaign) + Numbered(", checkpoint at", checkpoint);
  });
}

/// Returns the user of a coupon that counts against the limit of its user.
std::optional<Claim> HolderThatCounts(const ModelCoupon& coupon) {
  return coupon.request_key ? coupon.holder : std::nullopt;
}

void CheckCouponsInLedger(const LedgerCampaign& campaign, const ModelCampaign& expected) {
  const auto demand = [&](bool holds, std::size_t ordinal) {
    Demand(holds, kLedgerPromise, [&] {
      return "the state of coupon " + std::to_string(ordinal) +
             Numbered(" of campaign", expected.number);
    });
  };
  std::size_t changed = 0;
  for (std::uint32_t ordinal = 0; ordinal < expected.coupons.size(); ++ordinal) {
    const CouponStatus status = expected.coupons[ordinal].status();
    const auto redemption = campaign.states.RedemptionOf(ordinal);
    demand(campaign.states.Of(ordinal) == status.state, ordinal);
    demand(redemption.has_value() == status.redemption.has_value(), ordinal);
    demand(!redemption || *redemption == status.redemption->sequence, ordinal);
    demand(campaign.states.IsClaimFreed(ordinal) == status.claim_freed, ordinal);
    if (status.state != CouponState::kIssued || status.claim_freed) ++changed;
  }
  campaign.states.ForEach([&](std::uint32_t ordinal, CouponState, Sequence) {
    demand(changed > 0, ordinal);
    --changed;
  });
  demand(changed == 0, expected.coupons.size());
}

/// Checks how many coupons of each user count against the limit. `holders` is null if there are
/// none.
void CheckHoldersInLedger(const Holders* holders, const ModelCampaign& expected) {
  std::map<Claim, Holders::Holding> holdings;
  for (std::uint32_t ordinal = 0; ordinal < expected.coupons.size(); ++ordinal) {
    const auto holder = HolderThatCounts(expected.coupons[ordinal]);
    if (!holder) continue;
    Holders::Holding& holding = holdings[*holder];
    holding.latest = ordinal;
    if (!expected.coupons[ordinal].status().claim_freed) ++holding.coupons;
  }
  const auto demand = [&](bool holds) {
    Demand(holds, kLedgerPromise,
           [&] { return Numbered("the users' coupons of campaign", expected.number); });
  };
  demand((holders != nullptr) == !holdings.empty());
  if (holders == nullptr) return;
  for (const auto& [holder, holding] : holdings) demand(holders->Find(holder) == holding);
  holders->ForEach(
      [&](const Claim& holder, const Holders::Holding&) { demand(holdings.contains(holder)); });
}

void CheckCampaignInLedger(const LedgerCampaign* campaign, const ModelCampaign& expected,
                           Sequence last) {
  const auto demand = [&](bool holds, const char* what) {
    Demand(holds, kLedgerPromise, [&] { return what + Numbered(" of campaign", expected.number); });
  };
  demand(campaign != nullptr, "the entry");
  Campaign shown = expected.ShownAt(last);
  // The ledger has no texts that nothing is decided by.
  shown.terms.description.clear();
  shown.terms.metadata.clear();
  const Campaign& found = *campaign;
  demand(found.terms == shown.terms, "the terms");
  demand(found.serials == shown.serials, "the serials");
  demand(found.issued_coupons == shown.issued_coupons, "the count of coupons");
  demand(found == shown, "something else");
  demand(campaign->claims.size() == expected.coupon_of_claim.size(), "the number of claims");
  for (const auto& [claim, ordinal] : expected.coupon_of_claim) {
    demand(campaign->claims.Find(claim) == ordinal, "a claim");
  }
  CheckCouponsInLedger(*campaign, expected);
}

bool SameCoupon(const CouponRow& row, const ModelCoupon& expected, Sequence checkpoint) {
  // Views that are made of the log anew lack a text before they come to its erasure.
  const bool has_text =
      row.user_id == expected.UserIdAt(checkpoint) || (row.user_id.empty() && expected.erased);
  return row.serial == expected.serial && row.issued_at == expected.issued_at && has_text &&
         row.status == expected.StatusAt(checkpoint);
}

/// Checks the checkpoint row itself.
void CheckCheckpoint(const Checkpoint& checkpoint, const Model& model, const SimulatedLog& log) {
  const Sequence at = checkpoint.tip.sequence;
  const CommitGroup* group = log.GroupOf(at);
  Demand(group != nullptr && group->number == checkpoint.tip.group &&
             group->last_sequence() == at && group->commit_time == checkpoint.tip.time &&
             log.hash(group->number) == checkpoint.tip.hash,
         kViewsPromise,
         [&] { return Numbered("the checkpoint at", at) + " is not the end of a group"; });
  const auto [next_campaign, next_serial] = model.NextNumbersAt(at);
  Demand(checkpoint.next_campaign_number == next_campaign && checkpoint.next_serial == next_serial,
         kViewsPromise, [&] {
           return Numbered("next campaign", checkpoint.next_campaign_number) +
                  Numbered(" instead of", next_campaign) +
                  Numbered(", next serial", checkpoint.next_serial) +
                  Numbered(" instead of", next_serial);
         });
}

void CheckClaims(const ViewStore& views, const Model& model, Sequence checkpoint) {
  std::size_t seen = 0;
  const Status read = views.ReadClaims([&](const ClaimRun& run) {
    const auto campaign = model.campaigns().find(run.campaign);
    DemandInViews(campaign != model.campaigns().end() && campaign->second.IsThereAt(checkpoint),
                  "a claim", run.campaign, checkpoint);
    for (const ClaimRun::Entry& entry : run.claims) {
      const std::uint64_t ordinal = run.first_ordinal + entry.offset;
      DemandInViews(ordinal < campaign->second.IssuedAt(checkpoint) &&
                        campaign->second.coupons[ordinal].claim() == entry.claim &&
                        HolderThatCounts(campaign->second.coupons[ordinal]) == entry.holder &&
                        campaign->second.coupons[ordinal].issued_at == run.issued_at,
                    "a claim", run.campaign, checkpoint);
      ++seen;
    }
  });
  Demand(read.has_value(), kViewsPromise, [&] { return read.error().message; });
  std::size_t expected = 0;
  for (const auto& [number, campaign] : model.campaigns()) {
    if (!campaign.IsThereAt(checkpoint)) continue;
    const auto issued = static_cast<std::ptrdiff_t>(campaign.IssuedAt(checkpoint));
    expected += static_cast<std::size_t>(
        std::count_if(campaign.coupons.begin(), campaign.coupons.begin() + issued,
                      [](const ModelCoupon& coupon) { return coupon.claim().has_value(); }));
  }
  Demand(seen == expected, kViewsPromise, [&] {
    return std::to_string(seen) + " claims instead of " + std::to_string(expected) +
           Numbered(", checkpoint at", checkpoint);
  });
}

/// Returns the number of a campaign's coupons of which something had become after that sequence.
std::size_t CountChanged(const ModelCampaign& campaign, Sequence checkpoint) {
  return static_cast<std::size_t>(
      std::ranges::count_if(campaign.coupons, [checkpoint](const ModelCoupon& coupon) {
        return !coupon.changes.empty() && coupon.StatusAt(checkpoint) != CouponStatus{};
      }));
}

void CheckStatuses(const ViewStore& views, const Model& model, Sequence checkpoint) {
  std::size_t seen = 0;
  const Status read = views.ReadStatuses([&](const CouponStatusRow& row) {
    const auto campaign = model.campaigns().find(row.campaign);
    DemandInViews(campaign != model.campaigns().end() && campaign->second.IsThereAt(checkpoint) &&
                      row.ordinal < campaign->second.IssuedAt(checkpoint) &&
                      row.status != CouponStatus{} &&
                      row.status == campaign->second.coupons[row.ordinal].StatusAt(checkpoint),
                  "what has become of a coupon", row.campaign, checkpoint);
    ++seen;
  });
  Demand(read.has_value(), kViewsPromise, [&] { return read.error().message; });
  std::size_t expected = 0;
  for (const auto& [number, campaign] : model.campaigns()) {
    if (campaign.IsThereAt(checkpoint)) expected += CountChanged(campaign, checkpoint);
  }
  Demand(seen == expected, kViewsPromise, [&] {
    return std::to_string(seen) + " changed coupons instead of " + std::to_string(expected) +
           Numbered(", checkpoint at", checkpoint);
  });
}

/// Checks that nothing is found by the serials that campaigns have given up.
void CheckGivenUp(const ViewStore& views, const Model& model, Sequence checkpoint) {
  for (const test::ModelGivenUp& given_up : model.given_up()) {
    if (given_up.since > checkpoint) continue;
    const Serial first = given_up.serials.first;
    for (const Serial serial : {first, first.Plus(given_up.serials.count - 1)}) {
      const auto campaign = views.FindCampaignOf(serial);
      Demand(campaign.has_value() && !campaign->has_value(), kViewsPromise, [&] {
        return Numbered("serial", serial) + " was given up, but is found" +
               Numbered(", checkpoint at", checkpoint);
      });
    }
  }
}

void CheckRequests(const ViewStore& views, const Model& model, Sequence checkpoint) {
  std::size_t seen = 0;
  const Status read = views.ReadRequests([&](const RequestRow& row) {
    const auto request = model.requests().find(row.digest);
    Demand(request != model.requests().end() && request->second.sequence <= checkpoint &&
               request->second.sequence == row.carried_out.sequence &&
               request->second.content == row.carried_out.content,
           kViewsPromise, [&] { return Numbered("a request, checkpoint at", checkpoint); });
    ++seen;
  });
  Demand(read.has_value(), kViewsPromise, [&] { return read.error().message; });
  const auto expected = static_cast<std::size_t>(std::ranges::count_if(
      model.requests(),
      [checkpoint](const auto& request) { return request.second.sequence <= checkpoint; }));
  Demand(seen == expected, kViewsPromise, [&] {
    return std::to_string(seen) + " requests instead of " + std::to_string(expected) +
           Numbered(", checkpoint at", checkpoint);
  });
}

/// Checks what the views keep also of campaigns that were deleted.
void CheckHistory(const ViewStore& views, const Model& model, Sequence checkpoint) {
  std::vector<SoldOutRow> expected;
  for (const auto& [number, campaign] : model.campaigns()) {
    if (campaign.created > checkpoint) break;
    const auto id = views.FindCampaignId(number);
    DemandInViews(id.has_value() && *id == campaign.id, "the id", number, checkpoint);
    const auto by_id = views.FindCampaignNumber(campaign.id);
    DemandInViews(by_id.has_value() && *by_id == number, "the index", number, checkpoint);
    for (std::size_t i = 1; i < campaign.states.size(); ++i) {
      const test::ModelState& state = campaign.states[i];
      if (state.since > checkpoint) break;
      if (!state.sold_out_at || campaign.states[i - 1].sold_out_at) continue;
      expected.push_back({.sequence = state.since, .campaign = number});
    }
  }
  std::ranges::sort(expected, {}, &SoldOutRow::sequence);
  const auto rows = views.ListSoldOuts(Sequence(0), checkpoint.Next());
  Demand(rows.has_value() && *rows == expected, kViewsPromise,
         [&] { return Numbered("when campaigns sold out, checkpoint at", checkpoint); });
}

}  // namespace

void CheckLedger(const Ledger& ledger, const Model& model) {
  Demand(ledger.live_campaigns() == model.live_campaigns(), kLedgerPromise, [&] {
    return std::to_string(ledger.live_campaigns()) + " live campaigns instead of " +
           std::to_string(model.live_campaigns());
  });
  Demand(ledger.next_campaign_number() == model.next_campaign_number() &&
             ledger.next_serial() == model.next_serial(),
         kLedgerPromise, [&] {
           return Numbered("next campaign", ledger.next_campaign_number()) +
                  Numbered(" instead of", model.next_campaign_number()) +
                  Numbered(", next serial", ledger.next_serial()) +
                  Numbered(" instead of", model.next_serial());
         });
  for (const auto& [digest, request] : model.requests()) {
    const CarriedOut expected{.sequence = request.sequence, .content = request.content};
    Demand(ledger.FindRequest(digest) == expected, kLedgerPromise,
           [&] { return Numbered("the request of sequence", expected.sequence); });
  }
  for (const auto& [number, campaign] : model.campaigns()) {
    if (campaign.deleted) continue;
    CheckCampaignInLedger(ledger.Find(number), campaign, model.last_sequence());
    CheckHoldersInLedger(ledger.FindHolders(number), campaign);
    Demand(ledger.Find(campaign.id) == ledger.Find(number) &&
               ledger.Find(campaign.state().terms.name) == ledger.Find(number),
           kLedgerPromise, [&] { return Numbered("the indexes of campaign", campaign.number); });
  }
}

std::uint64_t CheckCampaignView(const ViewStore& views, const ModelCampaign& campaign,
                                Sequence checkpoint, std::uint64_t first_ordinal,
                                std::uint64_t limit) {
  const auto row = views.FindCampaign(campaign.id);
  Demand(row.has_value(), kViewsPromise, [&] { return row.error().message; });
  if (!campaign.IsThereAt(checkpoint)) {
    DemandInViews(!row->has_value(), "the row, which should not exist,", campaign.number,
                  checkpoint);
    return 0;
  }
  DemandInViews(row->has_value() && **row == campaign.ShownAt(checkpoint), "the row",
                campaign.number, checkpoint);
  auto reader = CouponReader::Open(views, **row, first_ordinal);
  DemandInViews(reader.has_value(), "the coupons", campaign.number, checkpoint);
  std::uint64_t ordinal = first_ordinal;
  while (!reader->at_end() && ordinal - first_ordinal < limit) {
    const auto page = reader->Next(kPage);
    DemandInViews(page.has_value() && !page->empty(), "the coupons", campaign.number, checkpoint);
    for (const CouponRow& coupon : *page) {
      DemandInViews(
          coupon.ordinal == ordinal && SameCoupon(coupon, campaign.coupons[ordinal], checkpoint),
          "a coupon", campaign.number, checkpoint);
      ++ordinal;
    }
  }
  return ordinal - first_ordinal;
}

void CheckCouponView(const ViewStore& views, const ModelCampaign& campaign, Sequence checkpoint,
                     std::uint64_t ordinal) {
  const ModelCoupon& expected = campaign.coupons.at(ordinal);
  const auto found = FindCoupon(views, expected.serial);
  Demand(found.has_value(), kViewsPromise, [&] { return found.error().message; });
  const bool is_there = campaign.IsThereAt(checkpoint) && ordinal < campaign.IssuedAt(checkpoint);
  DemandInViews(found->has_value() == is_there, "whether a coupon is found", campaign.number,
                checkpoint);
  if (!is_there) return;
  DemandInViews((*found)->campaign == campaign.ShownAt(checkpoint) &&
                    (*found)->coupon.ordinal == ordinal &&
                    SameCoupon((*found)->coupon, expected, checkpoint),
                "a coupon that is found by its serial", campaign.number, checkpoint);
}

void CheckViews(const ViewStore& views, const Model& model, const SimulatedLog& log) {
  const auto stored = views.ReadCheckpoint();
  Demand(stored.has_value(), kViewsPromise, [&] { return stored.error().message; });
  const Sequence checkpoint = *stored ? (*stored)->tip.sequence : Sequence(0);
  if (*stored) CheckCheckpoint(**stored, model, log);
  std::size_t expected = 0;
  for (const auto& [number, campaign] : model.campaigns()) {
    if (campaign.created > checkpoint) break;
    if (campaign.IsThereAt(checkpoint)) ++expected;
    CheckCampaignView(views, campaign, checkpoint, 0, campaign.coupons.size());
  }
  std::size_t listed = 0;
  CampaignNumber after;
  while (true) {
    const auto page = views.ListCampaigns(after, kPage);
    Demand(page.has_value(), kViewsPromise, [&] { return page.error().message; });
    if (page->empty()) break;
    after = page->back().number;
    listed += page->size();
  }
  Demand(listed == expected, kViewsPromise, [&] {
    return std::to_string(listed) + " campaigns instead of " + std::to_string(expected) +
           Numbered(", checkpoint at", checkpoint);
  });
  CheckClaims(views, model, checkpoint);
  CheckStatuses(views, model, checkpoint);
  CheckRequests(views, model, checkpoint);
  CheckGivenUp(views, model, checkpoint);
  CheckHistory(views, model, checkpoint);
  CheckErasureRows(views, checkpoint, log);
}

}  // namespace coupond::simulation

#include "simulation/checks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/views/coupon_reader.h"
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

void CheckCampaignInLedger(const Campaign* campaign, const ModelCampaign& expected) {
  const auto demand = [&](bool holds, const char* what) {
    Demand(holds, kLedgerPromise, [&] { return what + Numbered(" of campaign", expected.number); });
  };
  demand(campaign != nullptr, "the entry");
  demand(campaign->number == expected.number && campaign->id == expected.id &&
             campaign->name == expected.name,
         "the name");
  demand(campaign->total_coupons == expected.total_coupons &&
             campaign->start_time == expected.start_time &&
             campaign->created_at == expected.created_at &&
             campaign->first_serial == expected.first_serial,
         "the terms");
  demand(campaign->issued_coupons == static_cast<std::int64_t>(expected.coupons.size()),
         "the count of coupons");
  demand(campaign->claims.size() == expected.coupon_of_claim.size(), "the number of claims");
  for (const auto& [claim, ordinal] : expected.coupon_of_claim) {
    demand(campaign->claims.Find(claim) == ordinal, "a claim");
  }
}

bool SameRow(const CampaignRow& row, const ModelCampaign& expected, Sequence checkpoint) {
  return row.number == expected.number && row.id == expected.id && row.name == expected.name &&
         row.total_coupons == expected.total_coupons &&
         row.issued_coupons == static_cast<std::int64_t>(expected.IssuedAt(checkpoint)) &&
         row.start_time == expected.start_time && row.created_at == expected.created_at &&
         row.first_serial == expected.first_serial;
}

bool SameCoupon(const CouponRow& row, const ModelCoupon& expected) {
  return row.serial == expected.serial && row.issued_at == expected.issued_at &&
         row.user_id == expected.user_id;
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
                        campaign->second.coupons[ordinal].claim == entry.claim &&
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
                      [](const ModelCoupon& coupon) { return coupon.claim.has_value(); }));
  }
  Demand(seen == expected, kViewsPromise, [&] {
    return std::to_string(seen) + " claims instead of " + std::to_string(expected) +
           Numbered(", checkpoint at", checkpoint);
  });
}

/// A campaign as the log alone shows it.
struct LoggedCampaign {
  CampaignCreated terms;
  std::int64_t issued = 0;
  bool deleted = false;
  std::set<Claim> claims;
};

class LogReader {
 public:
  void Read(const CommitGroup& group) {
    demand(group.commit_time >= time_, "time goes back", group.number.value());
    time_ = group.commit_time;
    for (const Event& event : group.events) {
      std::visit([&](const auto& body) { On(body); }, event);
    }
  }

 private:
  static void demand(bool holds, const char* what, std::uint64_t number) {
    Demand(holds, "the log breaks no rule",
           [&] { return std::string(what) + ": " + std::to_string(number); });
  }

  void On(const StoreCreated&) {}
  void On(const CampaignCreated& event) {
    demand(live_names_.insert(event.name).second, "a name is used twice", event.number.value());
    demand(event.first_serial.value() > last_reserved_, "serials are reserved twice",
           event.first_serial.value());
    last_reserved_ =
        event.first_serial.value() + static_cast<std::uint64_t>(event.total_coupons) - 1;
    demand(campaigns_.emplace(event.number, LoggedCampaign{.terms = event, .claims = {}}).second,
           "a campaign's number is used twice", event.number.value());
  }
  void On(const CouponIssued& event) {
    const auto found = campaigns_.find(event.campaign);
    demand(found != campaigns_.end() && !found->second.deleted,
           "a coupon of a campaign that does not exist", event.campaign.value());
    LoggedCampaign& campaign = found->second;
    demand(time_ >= campaign.terms.start_time, "a coupon before the start", event.serial.value());
    demand(++campaign.issued <= campaign.terms.total_coupons, "more coupons than the total",
           event.campaign.value());
    demand(serials_.insert(event.serial).second, "a serial is used twice", event.serial.value());
    const std::uint64_t first = campaign.terms.first_serial.value();
    demand(
        event.serial.value() >= first &&
            event.serial.value() - first < static_cast<std::uint64_t>(campaign.terms.total_coupons),
        "a serial outside the campaign's range", event.serial.value());
    demand(!event.claim || campaign.claims.insert(*event.claim).second, "two coupons for one claim",
           event.serial.value());
  }
  void On(const CampaignDeleted& event) {
    const auto found = campaigns_.find(event.campaign);
    demand(found != campaigns_.end() && !std::exchange(found->second.deleted, true),
           "a deletion of a campaign that does not exist", event.campaign.value());
    live_names_.erase(found->second.terms.name);
  }

  Timestamp time_;
  std::uint64_t last_reserved_ = 0;
  std::set<Serial> serials_;
  std::set<std::string> live_names_;
  std::map<CampaignNumber, LoggedCampaign> campaigns_;
};

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
  for (const auto& [number, campaign] : model.campaigns()) {
    if (campaign.deleted) continue;
    CheckCampaignInLedger(ledger.Find(number), campaign);
    Demand(ledger.Find(campaign.id) == ledger.Find(number) &&
               ledger.Find(campaign.name) == ledger.Find(number),
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
  DemandInViews(row->has_value() && SameRow(**row, campaign, checkpoint), "the row",
                campaign.number, checkpoint);
  auto reader = CouponReader::Open(views, **row, first_ordinal);
  DemandInViews(reader.has_value(), "the coupons", campaign.number, checkpoint);
  std::uint64_t ordinal = first_ordinal;
  while (!reader->at_end() && ordinal - first_ordinal < limit) {
    const auto page = reader->Next(kPage);
    DemandInViews(page.has_value() && !page->empty(), "the coupons", campaign.number, checkpoint);
    for (const CouponRow& coupon : *page) {
      DemandInViews(coupon.ordinal == ordinal && SameCoupon(coupon, campaign.coupons[ordinal]),
                    "a coupon", campaign.number, checkpoint);
      ++ordinal;
    }
  }
  return ordinal - first_ordinal;
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
}

void CheckLog(const SimulatedLog& log) {
  LogReader reader;
  for (const CommitGroup& group : log.groups()) reader.Read(group);
}

}  // namespace coupond::simulation

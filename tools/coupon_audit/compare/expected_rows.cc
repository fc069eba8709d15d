#include "coupon_audit/compare/expected_rows.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <variant>

#include "base/check.h"

namespace coupond::audit {
namespace {

/// Cuts one group's coupons into runs.
class RunMaker {
 public:
  explicit RunMaker(const LogModel& model) : model_(model) {}

  void Issue(const CouponIssued& event, Sequence sequence, Timestamp time) {
    ExpectedRun& run = OpenRun(event, sequence, time);
    const std::uint32_t offset = run.coupons.count++;
    if (!event.user_id.empty()) run.coupons.holders.push_back({offset, event.user_id});
    if (event.claim) run.claims.claims.push_back({offset, *event.claim});
  }
  void EndAll() { open_.clear(); }
  [[nodiscard]] std::vector<ExpectedRun> Take() { return std::move(runs_); }

 private:
  ExpectedRun& OpenRun(const CouponIssued& event, Sequence sequence, Timestamp time) {
    const auto [place, is_new] = open_.try_emplace(event.campaign, runs_.size());
    if (!is_new) return runs_[place->second];
    const ModelCampaign* const campaign = model_.Find(event.campaign);
    COUPOND_CHECK(campaign != nullptr);  // the model has accepted the event
    const std::uint64_t ordinal = event.serial.value() - campaign->first_serial.value();
    runs_.push_back({.first_sequence = sequence,
                     .coupons = {.campaign = event.campaign,
                                 .first_ordinal = ordinal,
                                 .count = 0,
                                 .issued_at = time,
                                 .holders = {}},
                     .claims = {.campaign = event.campaign,
                                .first_ordinal = ordinal,
                                .issued_at = time,
                                .claims = {}}});
    return runs_.back();
  }

  const LogModel& model_;
  std::vector<ExpectedRun> runs_;
  boost::unordered_flat_map<CampaignNumber, std::size_t, std::hash<CampaignNumber>> open_;
};

}  // namespace

std::vector<ExpectedRun> ExpectedRuns(const CommitGroup& group, const LogModel& model) {
  RunMaker maker(model);
  Sequence sequence = group.first_sequence;
  for (const Event& event : group.events) {
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      maker.Issue(*issued, sequence, group.commit_time);
    } else if (std::holds_alternative<CampaignDeleted>(event)) {
      maker.EndAll();
    }
    sequence = sequence.Next();
  }
  return maker.Take();
}

CampaignRow ExpectedCampaign(const ModelCampaign& campaign) {
  return {.number = campaign.number,
          .id = campaign.id,
          .name = campaign.name,
          .total_coupons = static_cast<std::int64_t>(campaign.total),
          .issued_coupons = static_cast<std::int64_t>(campaign.issued),
          .start_time = campaign.start,
          .created_at = campaign.created,
          .first_serial = campaign.first_serial};
}

Checkpoint ExpectedCheckpoint(const LogModel& model, const LogTip& tip) {
  COUPOND_CHECK(model.store().has_value());
  return {.tip = tip,
          .store_id = model.store()->store_id,
          .code_key = model.store()->code_key,
          .next_campaign_number = model.next_campaign_number(),
          .next_serial = model.next_serial()};
}

}  // namespace coupond::audit

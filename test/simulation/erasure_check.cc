#include "simulation/erasure_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

constexpr const char* kGonePromise = "what is said to be erased is in no file";

}  // namespace

LoggedErasures::LoggedErasures(const std::vector<CommitGroup>& groups,
                               std::optional<Sequence> end) {
  std::unordered_map<CampaignNumber, std::uint64_t> issued;
  for (const CommitGroup& group : groups) {
    Sequence sequence = group.first_sequence;
    for (const Event& event : group.events) {
      if (end && sequence > *end) return;
      if (const auto* coupon = std::get_if<CouponIssued>(&event)) {
        const std::uint64_t ordinal = issued[coupon->campaign]++;
        if (coupon->holder) {
          coupons_[coupon->serial] = {.campaign = coupon->campaign,
                                      .ordinal = ordinal,
                                      .sequence = sequence,
                                      .user_id = coupon->user_id};
        }
      } else if (const auto* erased = std::get_if<UserErased>(&event)) {
        for (const Serial serial : erased->serials) coupons_[serial].erased = sequence;
        unfinished_.push_back(
            {.sequence = sequence, .campaign = erased->campaign, .serials = erased->serials});
      } else if (const auto* finished = std::get_if<ErasureFinished>(&event)) {
        finished_ = finished->erasure;
        std::erase_if(unfinished_,
                      [&](const ErasureRow& row) { return row.sequence <= *finished_; });
      }
      sequence = sequence.Next();
    }
  }
}

void CheckFinishedErasures(const SimulatedLog& log, const SimulatedViews& views) {
  if (!log.may_have_erasures()) return;
  const LoggedErasures logged(log.groups());
  std::set<std::pair<CampaignNumber, std::uint64_t>> gone;
  for (const auto& [serial, coupon] : logged.coupons()) {
    if (!logged.IsFinished(coupon)) continue;
    gone.insert({coupon.campaign, coupon.ordinal});
    Demand(coupon.user_id.empty(), kGonePromise, [&] {
      return Numbered("the log has the text of serial", serial) +
             Numbered(", erased by sequence", *coupon.erased);
    });
  }
  if (gone.empty()) return;
  for (const ViewChanges& write : views.writes()) {
    for (const CouponRun& run : write.runs) {
      for (const CouponRun::Holder& holder : run.holders) {
        const std::uint64_t ordinal = run.first_ordinal + holder.offset;
        Demand(!gone.contains({run.campaign, ordinal}), kGonePromise, [&] {
          return "the views have the text of coupon " + std::to_string(ordinal) +
                 Numbered(" of campaign", run.campaign);
        });
      }
    }
  }
}

void CheckNobodyReadsErased(const SimulatedLog& log) {
  if (!log.may_have_erasures()) return;
  const LoggedErasures logged(log.groups());
  for (const auto& [serial, coupon] : logged.coupons()) {
    Demand(!coupon.erased || coupon.user_id.empty() || log.Hides(serial),
           "nobody reads what was erased", [&] {
             return Numbered("the text of serial", serial) +
                    Numbered(", erased by sequence", *coupon.erased);
           });
  }
}

void CheckAllErasuresFinished(const SimulatedLog& log) {
  const LoggedErasures logged(log.groups());
  Demand(logged.unfinished().empty(), "an erasure that was logged is finished in the end",
         [&] { return Numbered("that of sequence", logged.unfinished().front().sequence); });
}

void CheckErasureRows(const ViewStore& views, Sequence checkpoint, const SimulatedLog& log) {
  std::vector<ErasureRow> unfinished;
  if (log.may_have_erasures()) unfinished = LoggedErasures(log.groups(), checkpoint).unfinished();
  const auto rows = views.ListErasures();
  Demand(rows.has_value() && *rows == unfinished,
         "the views list the erasures that are not finished",
         [&] { return Numbered("checkpoint at", checkpoint); });
}

}  // namespace coupond::simulation

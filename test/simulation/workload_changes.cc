#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/workload.h"
#include "simulation/workload_values.h"

namespace coupond::simulation {

std::optional<UpdateCampaign> Workload::DrawMoreTime(Timestamp now) {
  if (coupons_.empty()) return std::nullopt;
  const KnownCoupon coupon = PickCoupon();
  if (coupon.expire_time > now) return std::nullopt;
  UpdateCampaign command{.campaign_id = coupon.campaign};
  // A term that was not set must not be: it would be sooner.
  const std::uint64_t terms = random_.Between(1, 3);
  if (terms != 1) command.changes.expire_time = now;
  if (terms != 2) command.changes.valid_duration = now.Since(coupon.issued_at);
  // Clients ask about the latest ones the most.
  for (int times = 0; times < 3; ++times) AddLatest(coupon, coupons_);
  return command;
}

UpdateCampaign Workload::DrawUpdate(Timestamp now) {
  if (random_.OneIn(4)) {
    if (const auto command = DrawMoreTime(now)) return *command;
  }
  const Known& known = PickKnown();
  UpdateCampaign command{.campaign_id = known.id, .changes = DrawChanges(known, now)};
  if (random_.OneIn(50)) command.campaign_id = DrawId<CampaignId>();
  if (command.changes.name && random_.OneIn(4)) command.name_as_sent = DrawName();
  if (random_.OneIn(3)) command.if_revision = known.revision;
  if (random_.OneIn(20)) command.if_revision = Sequence(random_.Below(100));
  if (random_.Percent(plan_.faulty_percent)) MakeFaulty(command.changes, now);
  command.request = DrawRequest(random_.Next());
  command.validate_only = random_.Percent(plan_.check_percent);
  return command;
}

TermChanges Workload::DrawChanges(const Known& known, Timestamp now) {
  TermChanges changes;
  if (random_.OneIn(6)) changes.name = random_.OneIn(4) ? known.name : DrawName();
  if (random_.OneIn(2)) {
    // Around what the coupons may be, so that some are raised, some lowered, and some closed.
    const auto some = static_cast<std::int64_t>(random_.Between(1, plan_.total_max));
    const std::int64_t total = std::max<std::int64_t>(known.total, 1);
    changes.total_coupons = random_.OneIn(2) ? total + some : 1 + some % total;
    if (random_.OneIn(4)) changes.total_coupons = some;
  }
  if (random_.OneIn(6)) changes.start_time = now.Plus(DrawWait());
  if (random_.OneIn(3)) {
    changes.end_time = now.Plus(10 * DrawWait());
    if (random_.OneIn(4)) changes.end_time = now.Plus(-DrawWait());
    if (random_.OneIn(2)) changes.end_time = now;
    if (random_.OneIn(2)) changes.end_time = kNever;
  }
  if (random_.OneIn(6)) changes.description = random_.OneIn(2) ? "" : "about " + known.name;
  if (random_.OneIn(6)) changes.metadata = DrawMetadata();
  if (random_.OneIn(3)) DrawCouponTerms(changes, now);
  return changes;
}

void Workload::MakeFaulty(TermChanges& changes, Timestamp now) {
  if (random_.OneIn(4)) changes.name = "";
  if (random_.OneIn(4)) changes.name = Repeated(random_.OneIn(2) ? "봄" : "x", 201);
  if (random_.OneIn(4)) changes.total_coupons = -static_cast<std::int64_t>(random_.Below(3));
  if (random_.OneIn(4)) changes.total_coupons = kTotalMax + 1;
  if (random_.OneIn(4)) changes.start_time = now.Plus(-std::chrono::nanoseconds(1));
  if (random_.OneIn(4)) changes.start_time = LastSecondOf2199(random_.Below(2));
  if (random_.OneIn(50)) changes.start_time = kNever;
  if (random_.OneIn(8)) changes.description = DrawTooLongDescription();
  if (random_.OneIn(4)) changes.end_time = LastSecondOf2199(random_.Below(2));
  if (random_.OneIn(8)) changes.metadata = DrawTooMuchMetadata();
  MakeCouponTermsFaulty(changes, now);
}

SetPaused Workload::DrawPause() {
  SetPaused command{.campaign_id = PickKnown().id, .activities = {}, .paused = random_.OneIn(2)};
  if (random_.OneIn(50)) command.campaign_id = DrawId<CampaignId>();
  command.activities.issuing = !random_.OneIn(4);
  command.activities.redeeming = random_.OneIn(2);
  if (random_.OneIn(4)) command.reason = "a leak";
  if (random_.OneIn(20)) command.reason = Repeated("x", 128 + random_.Below(2));
  return command;
}

SetArchived Workload::DrawArchive() {
  SetArchived command{.campaign_id = PickKnown().id, .archived = random_.OneIn(3)};
  if (random_.OneIn(50)) command.campaign_id = DrawId<CampaignId>();
  return command;
}

}  // namespace coupond::simulation

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "simulation/workload.h"
#include "simulation/workload_values.h"

namespace coupond::simulation {

UpdateCampaign Workload::DrawUpdate(Timestamp now) {
  const Known& known = PickKnown();
  UpdateCampaign command{.campaign_id = known.id, .changes = DrawChanges(known, now)};
  if (random_.OneIn(50)) command.campaign_id = DrawId<CampaignId>();
  if (command.changes.name && random_.OneIn(4)) command.name_as_sent = DrawName();
  if (random_.OneIn(3)) command.if_revision = known.revision;
  if (random_.OneIn(20)) command.if_revision = Sequence(random_.Below(100));
  if (random_.Percent(plan_.faulty_percent)) MakeFaulty(command.changes, now);
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
    if (random_.OneIn(4)) changes.end_time = now;
    if (random_.OneIn(2)) changes.end_time = kNever;
  }
  if (random_.OneIn(6)) changes.description = random_.OneIn(2) ? "" : "about " + known.name;
  if (random_.OneIn(6)) changes.metadata = DrawMetadata();
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

std::chrono::nanoseconds Workload::DrawWait() {
  return std::chrono::nanoseconds(random_.Below(1 + 100 * plan_.clock_tick_ns_max));
}

std::string Workload::DrawTooLongDescription() {
  // Few are wide: all that waits must fit into one group.
  return Repeated(random_.OneIn(8) ? "봄" : "x", 2'001);
}

std::vector<MetadataEntry> Workload::DrawMetadata() {
  std::vector<MetadataEntry> metadata;
  for (const char* const key : {"a", "b", "c"}) {
    if (random_.OneIn(2)) metadata.push_back({.key = key, .value = DrawName()});
  }
  return metadata;
}

std::vector<MetadataEntry> Workload::DrawTooMuchMetadata() {
  // The entries, and the bytes of each key and value: all that is allowed, or one more.
  std::size_t entries = 1;
  std::size_t key_bytes = 3;
  std::size_t value_bytes = 1;
  switch (random_.Below(4)) {
    case 0:
      entries = 32 + random_.Below(2);
      break;
    case 1:
      key_bytes = 63 + random_.Below(2);
      break;
    case 2:
      value_bytes = 512 + random_.Below(2);
      break;
    default:
      entries = 8;
      value_bytes = 509 + random_.Below(2);
      break;
  }
  std::vector<MetadataEntry> metadata;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::string number = std::to_string(100 + i);
    metadata.push_back({.key = number + Repeated("k", key_bytes - number.size()),
                        .value = Repeated("v", value_bytes)});
  }
  return metadata;
}

}  // namespace coupond::simulation

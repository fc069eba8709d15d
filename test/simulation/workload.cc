#include "simulation/workload.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <variant>

namespace coupond::simulation {
namespace {

constexpr std::size_t kKnownMax = 12;
constexpr std::uint64_t kNames = 16;
constexpr std::int64_t kTotalMax = 100'000'000;
constexpr std::chrono::hours kDay{24};

/// 2199-12-31T23:59:59Z and a second later: the last allowed start and the first that is not.
constexpr std::int64_t kLastStartUnixSeconds = 7'258'118'399;

std::string Repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::chrono::nanoseconds SinceUnixEpoch(Timestamp time) {
  return time.Since(Timestamp::FromUnixNanoseconds(0));
}

Claim ClaimOfUser(std::uint64_t user) {
  Random digest(user);
  Claim claim;
  for (std::uint8_t& byte : claim.bytes) byte = static_cast<std::uint8_t>(digest.Next());
  return claim;
}

}  // namespace

template <typename Id>
Id Workload::DrawId() {
  Id id;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (i % 8 == 0) bits = random_.Next();
    id.bytes[i] = static_cast<std::uint8_t>(bits >> (8 * (i % 8)));
  }
  return id;
}

Command Workload::Draw(Timestamp now) {
  const std::uint64_t percent = random_.Below(100);
  if (known_.empty() || percent < plan_.create_percent) return DrawCreate(now);
  if (percent < plan_.create_percent + plan_.delete_percent) return DrawDelete();
  return DrawIssue();
}

Command Workload::Repeat(const Command& command) {
  const auto* create = std::get_if<CreateCampaign>(&command);
  if (create == nullptr) return command;
  CreateCampaign again = *create;
  again.id = DrawId<CampaignId>();
  Remember(again);
  return again;
}

std::string Workload::DrawName() { return "campaign " + std::to_string(random_.Below(kNames)); }

void Workload::Remember(const CreateCampaign& command) {
  if (known_.size() == kKnownMax) known_.erase(known_.begin());
  known_.push_back(Known{command.id, command.name});
}

void Workload::Forget(const CampaignId& campaign) {
  // Some go on asking for deleted campaigns.
  if (random_.OneIn(8)) return;
  std::erase_if(known_, [&](const Known& known) { return known.id == campaign; });
}

const Workload::Known& Workload::PickKnown() {
  const std::uint64_t range =
      random_.OneIn(2) ? std::min<std::uint64_t>(2, known_.size()) : known_.size();
  return known_[known_.size() - 1 - random_.Below(range)];
}

CreateCampaign Workload::DrawCreate(Timestamp now) {
  CreateCampaign command{
      .id = DrawId<CampaignId>(),
      .name = DrawName(),
      .total_coupons = static_cast<std::int64_t>(random_.Between(1, plan_.total_max)),
      .start_time = now};
  if (random_.OneIn(50)) command.total_coupons = kTotalMax;
  if (random_.OneIn(50)) command.name = Repeated("봄", 200);
  if (random_.OneIn(10)) command.name_as_sent = DrawName();
  // Most start at once or shortly; some tomorrow, which only a clock that jumps reaches.
  if (random_.OneIn(5)) {
    const std::chrono::nanoseconds later(random_.Below(1 + 100 * plan_.clock_tick_ns_max));
    command.start_time = now.Plus(later);
    if (random_.OneIn(2)) command.start_time = later;
  } else if (random_.OneIn(20)) {
    command.start_time = now.Plus(kDay);
  }
  if (random_.Percent(plan_.faulty_percent)) {
    MakeFaulty(command, now);
  } else {
    Remember(command);
  }
  return command;
}

void Workload::MakeFaulty(CreateCampaign& command, Timestamp now) {
  // Several faults at once: the order of precedence is a rule like any other.
  if (random_.OneIn(4)) command.name.clear();
  if (random_.OneIn(4)) command.name = Repeated(random_.OneIn(2) ? "봄" : "x", 201);
  if (random_.OneIn(4)) command.total_coupons = -static_cast<std::int64_t>(random_.Below(3));
  if (random_.OneIn(4)) command.total_coupons = kTotalMax + 1;
  if (random_.OneIn(4))
    command.start_time = now.Plus(-std::chrono::nanoseconds(1 + random_.Below(5)));
  if (random_.OneIn(8)) command.start_time = -std::chrono::nanoseconds(random_.Below(2));
  if (random_.OneIn(50)) command.start_time = std::chrono::nanoseconds::max();
  if (random_.OneIn(50)) command.start_time = std::chrono::nanoseconds::min();
  if (random_.OneIn(4)) command.start_time.reset();
  if (random_.OneIn(4)) {
    const std::int64_t seconds =
        kLastStartUnixSeconds + static_cast<std::int64_t>(random_.Below(2));
    command.start_time = Timestamp::FromUnixNanoseconds(seconds * 1'000'000'000);
    // As near to it as a wait can be, because its end depends on when the command is decided.
    if (random_.OneIn(2)) command.start_time = std::chrono::seconds(seconds) - SinceUnixEpoch(now);
  }
}

IssueCoupon Workload::DrawIssue() {
  IssueCoupon command{.campaign_id = PickKnown().id, .claim = {}, .user_id = {}};
  if (random_.OneIn(50)) command.campaign_id = DrawId<CampaignId>();
  if (random_.Percent(plan_.anonymous_percent)) return command;
  if (random_.OneIn(3)) {
    command.claim = DrawId<Claim>();  // of a request id, which is new each time
    return command;
  }
  // The same few people ask again and again, in several campaigns.
  const std::uint64_t user = random_.Below(plan_.users);
  command.user_id = "user " + std::to_string(user);
  command.claim = ClaimOfUser(user);
  if (random_.OneIn(10)) command.claim_as_sent = ClaimOfUser(random_.Below(plan_.users));
  return command;
}

DeleteCampaign Workload::DrawDelete() {
  const Known& known = PickKnown();
  DeleteCampaign command;
  const std::uint64_t form = random_.Below(4);
  if (form != 1) command.campaign_id = known.id;
  if (form == 1 || form == 2) command.name = known.name;
  if (form == 3) command.name = DrawName();  // seldom that of the same campaign
  if (command.name && random_.OneIn(4)) command.name_as_sent = known.name;
  return command;
}

}  // namespace coupond::simulation

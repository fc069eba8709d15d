#include "simulation/workload.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "simulation/workload_values.h"

namespace coupond::simulation {
namespace {

constexpr std::uint64_t kNames = 16;
constexpr std::chrono::hours kDay{24};

/// Gives a new campaign the terms that were drawn.
void Set(CreateCampaign& command, const TermChanges& drawn) {
  command.coupons_per_user = drawn.coupons_per_user.value_or(command.coupons_per_user);
  command.user_required = drawn.user_required.value_or(command.user_required);
  command.redeem_start_time = drawn.redeem_start_time.value_or(command.redeem_start_time);
  command.expire_time = drawn.expire_time.value_or(command.expire_time);
  command.valid_duration = drawn.valid_duration.value_or(command.valid_duration);
  command.redeem_by_holder_only =
      drawn.redeem_by_holder_only.value_or(command.redeem_by_holder_only);
}

}  // namespace

Command Workload::Draw(Timestamp now) {
  const std::uint64_t percent = random_.Below(100);
  if (known_.empty() || percent < plan_.create_percent) {
    return DrawOrRepeat(&Workload::DrawCreate, now);
  }
  std::uint64_t reached = plan_.create_percent;
  const auto is_of = [&](std::uint64_t share) { return percent < (reached += share); };
  if (is_of(plan_.delete_percent)) return DrawDelete();
  if (is_of(plan_.update_percent)) return DrawOrRepeat(&Workload::DrawUpdate, now);
  if (is_of(plan_.pause_percent)) return DrawPause();
  if (is_of(plan_.archive_percent)) return DrawArchive();
  if (is_of(plan_.coupon_percent)) return DrawCouponCommand();
  return random_.Percent(plan_.batch_percent) ? DrawBatchOrRepeat() : Command(DrawIssue());
}

Command Workload::Repeat(const Command& command) {
  const auto* create = std::get_if<CreateCampaign>(&command);
  if (create == nullptr || create->request) return command;
  CreateCampaign again = *create;
  again.id = DrawId<CampaignId>();
  Remember(again);
  return again;
}

std::string Workload::DrawName() { return "campaign " + std::to_string(random_.Below(kNames)); }

void Workload::Remember(const CreateCampaign& command) {
  if (command.validate_only) return;
  AddLatest(
      {.id = command.id, .name = command.name, .total = command.total_coupons, .revision = {}},
      known_);
}

void Workload::Forget(const CampaignId& campaign) {
  // Some go on asking for deleted campaigns.
  if (random_.OneIn(8)) return;
  std::erase_if(known_, [&](const Known& known) { return known.id == campaign; });
}

void Workload::Learn(const Command& command, Sequence sequence) {
  const auto* create = std::get_if<CreateCampaign>(&command);
  const auto* update = std::get_if<UpdateCampaign>(&command);
  if (const auto* redeem = std::get_if<RedeemCoupon>(&command)) {
    AddLatest({redeem->serial, sequence, redeem->request}, redemptions_);
  }
  if (create == nullptr && update == nullptr) return;
  const CampaignId& id = create != nullptr ? create->id : update->campaign_id;
  for (Known& known : known_) {
    if (known.id != id) continue;
    known.revision = sequence;
    if (update == nullptr) continue;
    known.name = update->changes.name.value_or(known.name);
    known.total = update->changes.total_coupons.value_or(known.total);
  }
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
    const std::chrono::nanoseconds later = DrawWait();
    command.start_time = now.Plus(later);
    if (random_.OneIn(2)) command.start_time = later;
  } else if (random_.OneIn(20)) {
    command.start_time = now.Plus(kDay);
  }
  if (random_.OneIn(6)) command.end_time = now.Plus(10 * DrawWait());
  if (random_.OneIn(8)) command.description = "from " + command.name;
  if (random_.OneIn(8)) command.metadata = DrawMetadata();
  TermChanges drawn;
  DrawCouponTerms(drawn, now);
  Set(command, drawn);
  command.validate_only = random_.Percent(plan_.check_percent);
  command.request = DrawRequest(random_.Next());
  // As the server does, so that the campaign can be found again.
  if (command.request) command.id.bytes = command.request->digest.bytes;
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
  if (random_.OneIn(8)) command.description = DrawTooLongDescription();
  if (random_.OneIn(4)) command.end_time = LastSecondOf2199(random_.Below(2));
  if (random_.OneIn(4)) command.end_time = now.Plus(-DrawWait());
  if (random_.OneIn(8)) command.metadata = DrawTooMuchMetadata();
  TermChanges drawn;
  MakeCouponTermsFaulty(drawn, now);
  Set(command, drawn);
  if (random_.OneIn(4)) {
    const Timestamp start_time = LastSecondOf2199(random_.Below(2));
    command.start_time = start_time;
    // As near to it as a wait can be, because its end depends on when the command is decided.
    if (random_.OneIn(2)) command.start_time = start_time.Since(now);
  }
}

IssueCoupon Workload::DrawIssue() {
  IssueCoupon command{.campaign_id = PickKnown().id};
  if (random_.OneIn(50)) command.campaign_id = DrawId<CampaignId>();
  if (random_.Percent(plan_.anonymous_percent)) return command;
  if (random_.OneIn(3)) {
    command.request_key = DrawId<Claim>();  // which is new each time
    return command;
  }
  // The same few people ask again and again, in several campaigns.
  const std::uint64_t user = random_.Below(plan_.users);
  command.user_id = "user " + std::to_string(user);
  command.holder = ClaimOfUser(user);
  // Some forget the request id; where each user has one coupon, it means nothing.
  const bool with_request = !random_.OneIn(4);
  const std::uint64_t request = random_.Between(1, kRequestsOfAUser);
  if (with_request) command.request_key = ClaimOfUser(user, request);
  if (random_.OneIn(10)) {
    const std::uint64_t other = random_.Below(plan_.users);
    command.holder_as_sent = ClaimOfUser(other);
    if (with_request) command.request_key_as_sent = ClaimOfUser(other, request);
  }
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

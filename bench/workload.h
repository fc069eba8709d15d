#ifndef COUPOND_BENCH_WORKLOAD_H_
#define COUPOND_BENCH_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/ports/event_log.h"
#include "engine/rules/command.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// The subject of the benchmarks: one big campaign and its coupons, the same in every run.
namespace coupond::bench {

/// The time at which the campaigns open and all commands are decided.
inline constexpr Timestamp kNow = Timestamp::FromUnixNanoseconds(1'800'000'000'000'000'000);
/// The place of events where it does not matter.
inline constexpr EventPlace kSomewhere{.time = kNow, .sequence = Sequence(1)};

/// The output function of SplitMix64: numbers that look random and differ for different arguments.
[[nodiscard]] inline std::uint64_t Scatter(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15ULL;
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9ULL;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EBULL;
  return number ^ (number >> 31);
}

/// Returns ids that are as evenly spread as random ones, and differ for different numbers.
template <typename Id>
[[nodiscard]] Id NumberedId(std::uint64_t number) {
  const std::uint64_t halves[2] = {Scatter(number), Scatter(~number)};
  Id id;
  static_assert(sizeof(halves) == sizeof(id.bytes));
  std::memcpy(id.bytes.data(), halves, sizeof(halves));
  return id;
}

[[nodiscard]] inline CampaignId BigCampaign() { return NumberedId<CampaignId>(0); }

/// The campaign whose coupons are issued.
[[nodiscard]] inline CreateCampaign CreateBigCampaign(std::int64_t total, StartTime start_time) {
  return {.id = BigCampaign(),
          .name = "one big campaign",
          .total_coupons = total,
          .start_time = start_time};
}

[[nodiscard]] inline IssueCoupon AnonymousIssue() { return {.campaign_id = BigCampaign()}; }
/// On the request of that number, of a user who is not named.
[[nodiscard]] inline IssueCoupon ClaimedIssue(std::uint64_t user) {
  return {.campaign_id = BigCampaign(), .request_key = NumberedId<Claim>(user)};
}
/// To a user of that number, who asks once. It counts where a user may have several coupons.
[[nodiscard]] inline IssueCoupon CountedIssue(std::uint64_t user) {
  IssueCoupon command = ClaimedIssue(user);
  command.holder = NumberedId<Claim>(~user);
  return command;
}

/// Returns the group after `previous` in a log, with the next anonymous coupons of a campaign that
/// began at sequence 2.
[[nodiscard]] inline CommitGroup NextIssues(const LogTip& previous, std::size_t count) {
  CommitGroup group{.number = previous.group.Next(),
                    .first_sequence = previous.sequence.Next(),
                    .commit_time = kNow,
                    .events = {}};
  group.events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    group.events.emplace_back(CouponIssued{.campaign = CampaignNumber(1),
                                           .serial = Serial(previous.sequence.value() + i)});
  }
  return group;
}

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_WORKLOAD_H_

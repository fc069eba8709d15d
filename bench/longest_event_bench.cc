// How long the longest event of many takes the rules, while the ledger becomes large and when much
// of it goes at once: everybody else waits for so long. The server promises less than 5 ms for a
// whole group beyond what its commands need.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "workload.h"

namespace coupond::bench {
namespace {

/// The coupons of a group share their time, so this is about what times of issue need at most.
constexpr std::uint64_t kCouponsPerGroup = 64;

/// Returns the processor time of this thread, which excludes other users of the machine.
std::chrono::nanoseconds ThreadTime() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Returns the memory of the whole program in bytes.
std::size_t MemoryInUse() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Runs the benchmark on a thread of its own, as the sequencer has one: there, glibc takes memory
/// from the system and gives it back in another way than on the first thread.
template <void (*kBenchmark)(benchmark::State&)>
void OnAnotherThread(benchmark::State& state) {
  std::thread([&state] { kBenchmark(state); }).join();
}

/// A ledger whose every command is timed.
class TimedLedger {
 public:
  /// Returns false if the command was refused.
  bool DecideAndApply(Command command) {
    const Timestamp now = kNow.Plus(std::chrono::nanoseconds(commands_ / kCouponsPerGroup));
    ++commands_;
    const auto begin = ThreadTime();
    Event event;
    std::vector<Event> following;
    const Decision decision = Decide(ledger_, std::move(command), now, event, following);
    const bool accepted = std::holds_alternative<Accepted>(decision);
    if (accepted) Apply(ledger_, event, {.time = now, .sequence = Sequence(commands_)});
    longest_ = std::max(longest_, ThreadTime() - begin);
    return accepted;
  }

  /// Creates the big campaign and issues all of it.
  bool Issue(std::uint64_t coupons, bool to_users) {
    CreateCampaign create = CreateBigCampaign(static_cast<std::int64_t>(coupons), kNow);
    create.coupons_per_user = to_users ? 2 : 1;
    bool all = DecideAndApply(std::move(create));
    for (std::uint64_t i = 0; i < coupons; ++i) {
      all &= DecideAndApply(to_users ? CountedIssue(i) : ClaimedIssue(i));
    }
    return all;
  }

  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] double longest_us() const { return static_cast<double>(longest_.count()) / 1e3; }
  void StartAnew() { longest_ = {}; }

 private:
  Ledger ledger_;
  std::uint64_t commands_ = 0;
  std::chrono::nanoseconds longest_{};
};

void GrowCoupons(benchmark::State& state, bool to_users) {
  const auto coupons = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    TimedLedger timed;
    const std::size_t memory_before = MemoryInUse();
    if (!timed.Issue(coupons, to_users)) state.SkipWithError("a coupon was not issued");
    state.counters["longest_us"] = timed.longest_us();
    state.counters["ledger_bytes_per_coupon"] =
        static_cast<double>(MemoryInUse() - memory_before) / static_cast<double>(coupons);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// One campaign, each coupon on another request.
void GrowClaims(benchmark::State& state) { GrowCoupons(state, /*to_users=*/false); }
BENCHMARK(OnAnotherThread<GrowClaims>)
    ->Name("GrowClaims")
    ->Arg(20'000)
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// The same, each to another user, who may have two.
void GrowHolders(benchmark::State& state) { GrowCoupons(state, /*to_users=*/true); }
BENCHMARK(OnAnotherThread<GrowHolders>)
    ->Name("GrowHolders")
    ->Arg(20'000)
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// Coupons without a user are redeemed, each with a request_id, which is remembered.
void GrowRedemptions(benchmark::State& state) {
  const auto coupons = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    TimedLedger timed;
    bool all = timed.DecideAndApply(CreateBigCampaign(static_cast<std::int64_t>(coupons), kNow));
    for (std::uint64_t i = 0; i < coupons; ++i) all &= timed.DecideAndApply(AnonymousIssue());
    timed.StartAnew();
    for (std::uint64_t i = 0; i < coupons; ++i) {
      all &= timed.DecideAndApply(RedeemCoupon{
          .serial = Serial(1 + i), .request = RequestKey{.digest = NumberedId<Claim>(i)}});
    }
    if (!all) state.SkipWithError("a coupon was not issued, or not redeemed");
    state.counters["longest_us"] = timed.longest_us();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(OnAnotherThread<GrowRedemptions>)
    ->Name("GrowRedemptions")
    ->Arg(20'000)
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void GrowCampaigns(benchmark::State& state) {
  const auto campaigns = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    TimedLedger timed;
    for (std::uint64_t i = 0; i < campaigns; ++i) {
      timed.DecideAndApply(CreateCampaign{.id = NumberedId<CampaignId>(i),
                                          .name = "campaign number " + std::to_string(i),
                                          .total_coupons = 1'000,
                                          .start_time = kNow.Plus(std::chrono::hours(1))});
    }
    if (timed.ledger().live_campaigns() != campaigns) {
      state.SkipWithError("not all campaigns were created");
    }
    state.counters["longest_us"] = timed.longest_us();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(OnAnotherThread<GrowCampaigns>)
    ->Name("GrowCampaigns")
    ->Arg(20'000)
    ->Arg(1'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// A campaign with so many users is deleted while coupons of another are issued: until its memory
/// is free, and that of its table of buckets, too.
void DeleteCampaign(benchmark::State& state) {
  const auto coupons = static_cast<std::uint64_t>(state.range(0));
  constexpr std::uint64_t kEventsMax = 2'000'000;
  /// What the tables that find campaigns keep.
  constexpr std::size_t kKeptBytes = 64 * 1'024;
  for (auto _ : state) {
    TimedLedger timed;
    const auto other = NumberedId<CampaignId>(1);
    bool right = timed.DecideAndApply(CreateCampaign{
        .id = other, .name = "another campaign", .total_coupons = kEventsMax, .start_time = kNow});
    const std::size_t memory_before = MemoryInUse();
    right &= timed.Issue(coupons, /*to_users=*/true);
    timed.StartAnew();
    right &=
        timed.DecideAndApply(coupond::DeleteCampaign{.campaign_id = BigCampaign(), .name = {}});
    std::uint64_t events = 0;
    while (MemoryInUse() > memory_before + kKeptBytes && events < kEventsMax) {
      constexpr int kEventsPerLook = 64;
      for (int i = 0; i < kEventsPerLook; ++i) {
        right &= timed.DecideAndApply(IssueCoupon{.campaign_id = other});
        ++events;
      }
    }
    if (!right) state.SkipWithError("something was refused");
    if (events >= kEventsMax) state.SkipWithError("the memory was not given back");
    state.counters["longest_us"] = timed.longest_us();
    state.counters["events_until_free"] = static_cast<double>(events);
  }
}
BENCHMARK(OnAnotherThread<DeleteCampaign>)
    ->Name("DeleteCampaign")
    ->Arg(20'000)
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coupond::bench

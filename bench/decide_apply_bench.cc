// The rules alone: how many commands per second one thread decides and applies, and how much memory
// the ledger needs for them.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "workload.h"

namespace coupond::bench {
namespace {

/// Returns false if the command was refused.
bool DecideAndApply(Ledger& ledger, Command command) {
  Event event;
  std::vector<Event> following;
  const Decision decision = Decide(ledger, std::move(command), kNow, event, following);
  if (!std::holds_alternative<Accepted>(decision)) return false;
  Apply(ledger, event, kSomewhere);
  return true;
}

/// Returns a ledger with only the big campaign.
Ledger LedgerWithCampaign(std::int64_t total, std::uint32_t coupons_per_user = 1) {
  Ledger ledger;
  CreateCampaign command = CreateBigCampaign(total, kNow);
  command.coupons_per_user = coupons_per_user;
  DecideAndApply(ledger, std::move(command));
  return ledger;
}

/// Returns the coupon that the caller of a command has already, or nullopt.
std::optional<HeldCoupon> HeldBy(const Ledger& ledger, Command command) {
  Event event;
  std::vector<Event> following;
  const Decision decision = Decide(ledger, std::move(command), kNow, event, following);
  const auto* held = std::get_if<HeldCoupon>(&decision);
  return held == nullptr ? std::nullopt : std::optional(*held);
}

/// Returns the memory of the whole program in bytes.
std::size_t MemoryInUse() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Issues the whole campaign. `make_command` is called with the number of each coupon.
template <typename MakeCommand>
void IssueAll(benchmark::State& state, const MakeCommand& make_command,
              std::uint32_t coupons_per_user = 1) {
  const std::int64_t total = state.range(0);
  double bytes_per_coupon = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::optional<Ledger> ledger(LedgerWithCampaign(total, coupons_per_user));
    const std::size_t memory_before = MemoryInUse();
    state.ResumeTiming();

    std::int64_t issued = 0;
    for (std::int64_t i = 0; i < total; ++i) {
      if (DecideAndApply(*ledger, make_command(static_cast<std::uint64_t>(i)))) ++issued;
    }

    state.PauseTiming();
    bytes_per_coupon =
        static_cast<double>(MemoryInUse() - memory_before) / static_cast<double>(total);
    const Campaign* const campaign = ledger->Find(BigCampaign());
    const bool right = issued == total && campaign->issued_coupons == total &&
                       !DecideAndApply(*ledger, AnonymousIssue());
    ledger.reset();
    state.ResumeTiming();
    if (!right) state.SkipWithError("not all coupons were issued, or more than all");
  }
  state.SetItemsProcessed(state.iterations() * total);
  state.counters["ledger_bytes_per_coupon"] = bytes_per_coupon;
}

void IssueAnonymous(benchmark::State& state) {
  IssueAll(state, [command = Command(AnonymousIssue())](std::uint64_t) -> const Command& {
    return command;
  });
  if (state.counters["ledger_bytes_per_coupon"] != 0) {
    state.SkipWithError("an anonymous coupon must cost the ledger no memory");
  }
}
BENCHMARK(IssueAnonymous)->Arg(1'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void IssueWithClaims(benchmark::State& state) {
  IssueAll(state, [](std::uint64_t number) { return Command(ClaimedIssue(number)); });
  constexpr double kBytesPerClaimMax = 40;
  if (state.counters["ledger_bytes_per_coupon"] > kBytesPerClaimMax) {
    state.SkipWithError("a claim costs too much memory");
  }
}
BENCHMARK(IssueWithClaims)->Arg(1'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

/// To users who may have two coupons, and have one.
void IssueWithLimit(benchmark::State& state) {
  constexpr std::uint32_t kCouponsPerUser = 2;
  IssueAll(
      state, [](std::uint64_t number) { return Command(CountedIssue(number)); }, kCouponsPerUser);
  constexpr double kBytesPerCouponMax = 72;
  if (state.counters["ledger_bytes_per_coupon"] > kBytesPerCouponMax) {
    state.SkipWithError("a coupon that counts against a limit costs too much memory");
  }
}
BENCHMARK(IssueWithLimit)->Arg(1'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

/// Every holder asks again for their coupon.
void IssueToHolders(benchmark::State& state) {
  const auto claims = static_cast<std::uint64_t>(state.range(0));
  Ledger ledger = LedgerWithCampaign(state.range(0));
  for (std::uint64_t i = 0; i < claims; ++i) DecideAndApply(ledger, ClaimedIssue(i));
  std::uint64_t next = 0;
  for (auto _ : state) {
    const auto held = HeldBy(ledger, ClaimedIssue(next));
    // The serials of the first campaign begin at 1.
    if (!held || held->serial != Serial(1 + next)) {
      state.SkipWithError("a holder was not given the same coupon again");
      break;
    }
    next = (next + 1) % claims;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(IssueToHolders)->Arg(1'000)->Arg(1'000'000);

void CreateCampaigns(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  std::vector<Command> commands;
  commands.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    commands.emplace_back(CreateCampaign{.id = NumberedId<CampaignId>(i),
                                         .name = "campaign number " + std::to_string(i),
                                         .total_coupons = 1'000,
                                         .start_time = kNow});
  }
  for (auto _ : state) {
    std::optional<Ledger> ledger(std::in_place);
    for (const Command& command : commands) DecideAndApply(*ledger, command);

    state.PauseTiming();
    const bool right = ledger->live_campaigns() == count;
    ledger.reset();
    state.ResumeTiming();
    if (!right) state.SkipWithError("not all campaigns were created");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(CreateCampaigns)->Arg(100)->Arg(100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace coupond::bench

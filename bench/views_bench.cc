// Finding coupons in the real views, and what the rows for it cost the projector and the disk.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/codes/user_digest.h"
#include "engine/ports/view_store.h"
#include "engine/rules/timestamp.h"
#include "engine/views/coupon_reader.h"
#include "engine/views/coupon_search.h"
#include "filled_views.h"
#include "storage/views/coupon_in_run.h"
#include "storage/views/view_rows.h"
#include "workload.h"

namespace coupond::bench {
namespace {

constexpr std::size_t kPage = 100;
constexpr std::uint64_t kBusyUserHasOneIn = 1'000;
constexpr std::uint64_t kCouponsPerUser = 10;

/// Returns contents with this many coupons and a tenth as many users.
ViewContents WithUsers(std::int64_t coupons) {
  const auto count = static_cast<std::uint64_t>(coupons);
  return {.coupons = count,
          .users = count / kCouponsPerUser,
          .busy_user_has_one_in = kBusyUserHasOneIn};
}

/// Returns a page of 100 of a user's coupons, as SearchCoupons gives it: the one after `after`, or
/// the first.
std::optional<CouponSearchPage> SearchOf(const ViewStore& views, const std::string& user_id,
                                         CouponOrder order,
                                         const std::optional<UserCoupon>& after = {}) {
  const CouponSearch search{.user_ids = {user_id}, .order = order, .page_size = kPage};
  CouponSearchPage page{.after = after};
  while (!page.complete) {
    auto next = SearchCoupons(views, search, kNow, std::move(page));
    if (!next || !*next) return std::nullopt;
    page = **std::move(next);
  }
  return page;
}

bool AllAreOf(const CouponSearchPage& page, const std::string& user_id) {
  for (const SearchedCoupon& found : page.coupons) {
    if (found.coupon.user_id != user_id) return false;
  }
  return true;
}

/// A user who has some ten coupons, scattered over all groups; another one each time.
void SearchByUser(benchmark::State& state) {
  const FilledViews& views = SharedViews(WithUsers(state.range(0)));
  std::uint64_t number = 0;
  std::uint64_t found = 0;
  for (auto _ : state) {
    const std::string user_id = UserIdOf(Scatter(number++) % views.contents().users);
    const auto page = SearchOf(views.store(), user_id, CouponOrder::kOldestFirst);
    if (!page || !page->at_end || !AllAreOf(*page, user_id)) {
      state.SkipWithError("the search did not find the user's coupons");
      break;
    }
    found += page->coupons.size();
  }
  state.counters["coupons"] =
      benchmark::Counter(static_cast<double>(found), benchmark::Counter::kAvgIterations);
}
BENCHMARK(SearchByUser)->Arg(20'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

/// A user who has a thousandth of all coupons, at most one in a group: the page after the last one,
/// so that of many pages most of what they read is not in RocksDB's cache.
void SearchByBusyUser(benchmark::State& state) {
  const FilledViews& views = SharedViews(WithUsers(state.range(0)));
  const auto order = state.range(1) != 0 ? CouponOrder::kNewestFirst : CouponOrder::kOldestFirst;
  const std::size_t expected =
      std::min<std::size_t>(kPage, views.contents().coupons / kBusyUserHasOneIn);
  std::optional<UserCoupon> after;
  for (auto _ : state) {
    const auto page = SearchOf(views.store(), BusyUser(), order, after);
    if (!page || page->coupons.size() != expected || !AllAreOf(*page, BusyUser())) {
      state.SkipWithError("the search did not find a page of the user's coupons");
      break;
    }
    after = page->at_end ? std::nullopt : page->after;
  }
}
BENCHMARK(SearchByBusyUser)
    ->ArgNames({"coupons", "newest_first"})
    ->ArgsProduct({{20'000, 10'000'000}, {0, 1}})
    ->Unit(benchmark::kMicrosecond);

/// The index alone, without the coupons that it names.
void ListCouponsOfUser(benchmark::State& state) {
  const FilledViews& views = SharedViews(WithUsers(state.range(0)));
  UserDigests digests(kViewsKey);
  std::uint64_t number = 0;
  for (auto _ : state) {
    const std::string user_id = UserIdOf(Scatter(number++) % views.contents().users);
    const auto coupons = views.store().ListCouponsOf(digests.Of(user_id), CouponOrder::kOldestFirst,
                                                     std::nullopt, kPage + 1);
    if (!coupons) {
      state.SkipWithError("the index cannot be read");
      break;
    }
    benchmark::DoNotOptimize(coupons->size());
  }
}
BENCHMARK(ListCouponsOfUser)->Arg(20'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

/// What GetCoupon reads: the campaign of the serial, the coupon, and what has become of it.
void FindBySerial(benchmark::State& state) {
  const FilledViews& views = SharedViews(WithUsers(state.range(0)));
  std::uint64_t number = 0;
  for (auto _ : state) {
    const std::uint64_t ordinal = Scatter(number++) % views.contents().coupons;
    const auto found = FindCoupon(views.store(), kFirstSerial.Plus(ordinal));
    if (!found || !*found || (*found)->coupon.ordinal != ordinal ||
        (*found)->coupon.user_id != UserOfCoupon(views.contents(), ordinal)) {
      state.SkipWithError("the coupon was not found as it was issued");
      break;
    }
  }
}
BENCHMARK(FindBySerial)->Arg(20'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

/// Three voided coupons, of a campaign of which all others are redeemed.
void ListVoided(benchmark::State& state) {
  const auto redeemed = static_cast<std::uint64_t>(state.range(0));
  const FilledViews& views =
      SharedViews({.coupons = redeemed + 3, .redeemed = redeemed, .voided = 3});
  const std::vector<std::uint64_t> expected = {redeemed, redeemed + 1, redeemed + 2};
  for (auto _ : state) {
    const auto ordinals = views.store().ListOrdinals(
        kCampaign, CouponState::kVoided, CouponOrder::kOldestFirst, std::nullopt, kPage);
    if (!ordinals || *ordinals != expected) {
      state.SkipWithError("the voided coupons were not found");
      break;
    }
  }
}
BENCHMARK(ListVoided)->Arg(20'000)->Arg(5'000'000)->Unit(benchmark::kMicrosecond);

/// Returns a run of `count` coupons, each with a user.
CouponRun RunOf(std::int64_t count) {
  CouponRun run{.campaign = kCampaign,
                .first_ordinal = 0,
                .count = static_cast<std::uint32_t>(count),
                .issued_at = kNow,
                .holders = {}};
  for (std::uint32_t i = 0; i < run.count; ++i) {
    run.holders.push_back({.offset = i, .user_id = UserIdOf(i)});
  }
  return run;
}

/// One coupon of a run, from all of it: how coupons are read one after the other.
void DecodeWholeRun(benchmark::State& state) {
  const CouponRun run = RunOf(state.range(0));
  const std::string key = storage::RunKey(run.campaign, run.count - 1);
  const std::string row = storage::EncodeRun(run);
  for (auto _ : state) {
    const auto decoded = storage::DecodeRun(key, row);
    if (!decoded || decoded->holders[run.count / 2].user_id != UserIdOf(run.count / 2)) {
      state.SkipWithError("the run was not read back");
      break;
    }
  }
}
BENCHMARK(DecodeWholeRun)->Arg(64)->Arg(4'096)->Unit(benchmark::kMicrosecond);

/// The same coupon by itself: how FindCoupon reads it.
void DecodeOneOfRun(benchmark::State& state) {
  const CouponRun run = RunOf(state.range(0));
  const std::string key = storage::RunKey(run.campaign, run.count - 1);
  const std::string row = storage::EncodeRun(run);
  for (auto _ : state) {
    const auto decoded = storage::DecodeCouponInRun(key, row, run.count / 2);
    if (!decoded || !*decoded || (*decoded)->user_id != UserIdOf(run.count / 2)) {
      state.SkipWithError("the coupon was not read back");
      break;
    }
  }
}
BENCHMARK(DecodeOneOfRun)->Arg(64)->Arg(4'096)->Unit(benchmark::kMicrosecond);

/// The projection and its writes, in groups of 1,000 coupons. `kind`: 0 without users, 1 with
/// users but without the index by them, 2 with both.
void FillViews(benchmark::State& state) {
  ViewContents contents = WithUsers(state.range(0));
  if (state.range(1) == 0) contents.users = 0;
  contents.user_index = state.range(1) == 2;
  for (auto _ : state) {
    FilledViews views(contents);
    state.SetIterationTime(views.seconds());
    const double coupons = static_cast<double>(contents.coupons);
    state.counters["us_a_coupon"] = views.seconds() * 1e6 / coupons;
    const auto last = FindCoupon(views.store(), kFirstSerial.Plus(contents.coupons - 1));
    if (!last || !*last) state.SkipWithError("the last coupon is missing");
    state.counters["bytes_a_coupon"] = static_cast<double>(views.CompactedBytes()) / coupons;
  }
}
BENCHMARK(FillViews)
    ->ArgNames({"coupons", "kind"})
    ->ArgsProduct({{20'000, 10'000'000}, {0, 1, 2}})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coupond::bench

// What issuing from many campaigns costs the projector.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/ports/event_log.h"
#include "engine/rules/event.h"
#include "engine/views/projection.h"
#include "storage/views/rocksdb_view_store.h"
#include "temporary_directory.h"
#include "workload.h"

namespace coupond::bench {
namespace {

constexpr std::uint64_t kCouponsPerCampaign = 1'000'000;
/// As with 256 connections.
constexpr std::size_t kIssuesPerGroup = 50;
/// As many as the projector gathers at some 40,000 issues a second.
constexpr std::size_t kGroupsPerWrite = 4;
constexpr std::size_t kWrites = 5'000;
static_assert(kWrites * kGroupsPerWrite * kIssuesPerGroup <= kCouponsPerCampaign);

/// Stored views with this many campaigns, and the projection that continues them.
class ManyCampaigns {
 public:
  explicit ManyCampaigns(std::uint64_t campaigns) : issued_(campaigns) {
    auto opened = storage::RocksDbViewStore::Open(directory_.path() / "views");
    COUPOND_CHECK(opened.has_value());
    store_ = std::move(*opened);
    auto projection = Projection::Load(*store_);
    COUPOND_CHECK(projection.has_value());
    projection_ = std::make_unique<Projection>(std::move(*projection));
    Create();
  }

  /// Projects and writes what some groups issue, each coupon from a campaign drawn anew. Returns
  /// how many coupons there were.
  std::size_t Issue() {
    for (std::size_t group = 0; group < kGroupsPerWrite; ++group) {
      std::vector<Event> events;
      for (std::size_t i = 0; i < kIssuesPerGroup; ++i) {
        const std::uint64_t index = Scatter(drawn_++) % issued_.size();
        events.emplace_back(CouponIssued{.campaign = CampaignNumber(index + 1),
                                         .serial = FirstSerial(index).Plus(issued_[index]++)});
      }
      Add(std::move(events));
    }
    Write();
    return kGroupsPerWrite * kIssuesPerGroup;
  }

  /// Reports whether the row of each campaign has all of its coupons.
  [[nodiscard]] bool AllAreWritten() const {
    const auto rows = store_->ListCampaigns(CampaignNumber(), issued_.size() + 1);
    return rows && std::ranges::equal(*rows, issued_, {}, [](const Campaign& row) {
             return static_cast<std::uint64_t>(row.issued_coupons);
           });
  }

 private:
  static Serial FirstSerial(std::uint64_t index) { return Serial(1 + index * kCouponsPerCampaign); }

  void Create() {
    Add({StoreCreated{.store_id = {}, .code_key = {}, .format_version = 2}});
    for (std::uint64_t index = 0; index < issued_.size(); ++index) {
      Add({CampaignCreated{.number = CampaignNumber(index + 1),
                           .id = NumberedId<CampaignId>(index),
                           .terms = {.name = "campaign " + std::to_string(index),
                                     .total_coupons = kCouponsPerCampaign,
                                     .start_time = kNow},
                           .first_serial = FirstSerial(index)}});
      if (index % 1'000 == 0) Write();
    }
    Write();
    COUPOND_CHECK(store_->Flush().has_value());
  }

  void Add(std::vector<Event> events) {
    const CommitGroup group{.number = tip_.group.Next(),
                            .first_sequence = tip_.sequence.Next(),
                            .commit_time = kNow,
                            .events = std::move(events)};
    tip_ = {.group = group.number, .sequence = group.last_sequence(), .time = kNow, .hash = {}};
    COUPOND_CHECK(projection_->Add(group, tip_).has_value());
  }

  void Write() { COUPOND_CHECK(store_->Write(projection_->Take()).has_value()); }

  TemporaryDirectory directory_;
  std::unique_ptr<storage::RocksDbViewStore> store_;
  std::unique_ptr<Projection> projection_;
  LogTip tip_;
  std::vector<std::uint64_t> issued_;  // coupons of each campaign
  std::uint64_t drawn_ = 0;
};

void ProjectIssues(benchmark::State& state) {
  ManyCampaigns campaigns(static_cast<std::uint64_t>(state.range(0)));
  std::size_t issues = 0;
  for (auto _ : state) issues += campaigns.Issue();
  if (!campaigns.AllAreWritten()) state.SkipWithError("coupons are missing");
  state.SetItemsProcessed(static_cast<std::int64_t>(issues));
}
BENCHMARK(ProjectIssues)
    ->ArgName("campaigns")
    ->Arg(1)
    ->Arg(1'000)
    ->Arg(100'000)
    ->Iterations(kWrites)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace coupond::bench

// The auditor compared with plain reading of the same log. The store has anonymous coupons in large
// groups, and views.

#include <benchmark/benchmark.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "coupon_audit/compare/verification.h"
#include "engine/views/projection.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/store_format.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/views/rocksdb_view_store.h"
#include "temporary_directory.h"
#include "workload.h"

namespace coupond::bench {
namespace {

using storage::RocksDbEventLog;

constexpr std::size_t kCouponsPerGroup = 1'000;

/// Fills a data directory as a server would, but without a sync for each group.
class StoreWriter {
 public:
  explicit StoreWriter(std::filesystem::path directory) : directory_(std::move(directory)) {
    rocksdb::Options options = storage::LogOptions(nullptr);
    options.create_if_missing = true;
    rocksdb::DB* log = nullptr;
    COUPOND_CHECK(rocksdb::DB::Open(options, directory_ / "log", &log).ok());
    log_.reset(log);
    auto views = storage::RocksDbViewStore::Open(directory_ / "views");
    COUPOND_CHECK(views.has_value());
    views_ = std::move(*views);
    auto projection = Projection::Load(*views_);
    COUPOND_CHECK(projection.has_value());
    projection_ = std::make_unique<Projection>(std::move(*projection));
  }

  void Append(const CommitGroup& group) {
    tip_ = storage::TipOf(group, codec_.Write(group, tip_.hash, record_));
    COUPOND_CHECK(log_->Put(rocksdb::WriteOptions(), storage::LogKey(group.number), record_).ok());
    COUPOND_CHECK(projection_->Add(group, tip_).has_value());
    COUPOND_CHECK(views_->Write(projection_->Take()).has_value());
  }

  void Finish(const StoreId& store) {
    COUPOND_CHECK(log_->SyncWAL().ok());
    COUPOND_CHECK(views_->Flush().has_value());
    const storage::Watermark watermark{.group = tip_.group, .hash = tip_.hash};
    COUPOND_CHECK(storage::WriteWatermark(directory_ / "WATERMARK", watermark).has_value());
    const storage::StoreFormat format{.state = storage::StoreFormat::State::kComplete,
                                      .store_id = store};
    COUPOND_CHECK(storage::WriteStoreFormat(directory_ / "FORMAT", format).has_value());
  }

  [[nodiscard]] const LogTip& tip() const { return tip_; }

 private:
  const std::filesystem::path directory_;
  std::unique_ptr<rocksdb::DB> log_;
  std::unique_ptr<storage::RocksDbViewStore> views_;
  std::unique_ptr<Projection> projection_;
  storage::EventCodec codec_;
  std::string record_;
  LogTip tip_;
};

/// Writes a store with one campaign of `coupons` anonymous coupons, all issued. Their serials are
/// those of NextIssues, which begin at 2 here.
void WriteStore(const std::filesystem::path& directory, std::size_t coupons) {
  const StoreCreated store{.store_id = NumberedId<StoreId>(0),
                           .code_key = NumberedId<CodeKey>(0),
                           .format_version = storage::kFormatVersion};
  StoreWriter writer(directory);
  writer.Append({.number = GroupNumber(1),
                 .first_sequence = Sequence(1),
                 .commit_time = kNow,
                 .events = {store}});
  writer.Append(
      {.number = GroupNumber(2),
       .first_sequence = Sequence(2),
       .commit_time = kNow,
       .events = {CampaignCreated{.number = CampaignNumber(1),
                                  .id = BigCampaign(),
                                  .terms = {.name = "one big campaign",
                                            .total_coupons = static_cast<std::int64_t>(coupons),
                                            .start_time = kNow},
                                  .first_serial = Serial(2)}}});
  for (std::size_t left = coupons; left > 0;) {
    const std::size_t count = std::min(left, kCouponsPerGroup);
    writer.Append(NextIssues(writer.tip(), count));
    left -= count;
  }
  writer.Finish(store.store_id);
}

void VerifyStore(benchmark::State& state) {
  const auto coupons = static_cast<std::size_t>(state.range(0));
  const TemporaryDirectory temporary;
  WriteStore(temporary.path(), coupons);
  for (auto _ : state) {
    const auto report = audit::Verify(temporary.path(), [](GroupNumber, GroupNumber) {});
    if (!report || !report->sound() || report->coupons != coupons ||
        report->codes_checked != coupons || report->views != audit::ViewsState::kPresent) {
      state.SkipWithError("the store is sound, but the auditor says something else");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(VerifyStore)
    ->Arg(10'000)
    ->Arg(10'000'000)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// The server's own reading of the log, which the auditor cannot be faster than.
void ReadStore(benchmark::State& state) {
  const auto coupons = static_cast<std::size_t>(state.range(0));
  const TemporaryDirectory temporary;
  WriteStore(temporary.path(), coupons);
  for (auto _ : state) {
    const auto log =
        RocksDbEventLog::Open(temporary.path() / "log", RocksDbEventLog::Mode::kReadOnly);
    std::size_t events = 0;
    const Status read =
        log ? (*log)->Read(GroupNumber(1),
                           [&events](const CommitGroup& group, const GroupHash&) -> Status {
                             events += group.events.size();
                             return {};
                           })
            : Status(std::unexpected(log.error()));
    if (!read || events != coupons + 2) {
      state.SkipWithError("the log could not be read");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ReadStore)
    ->Arg(10'000)
    ->Arg(10'000'000)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coupond::bench

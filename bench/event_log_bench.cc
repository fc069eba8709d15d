// The event log on a real disk: one synced append after another, and a start that reads its tail.

#include <benchmark/benchmark.h>
#include <rocksdb/db.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/check.h"
#include "base/entropy.h"
#include "engine/clock/system_clock.h"
#include "engine/ports/event_log.h"
#include "engine/sequencer/recovery.h"
#include "storage/files/rocksdb_options.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/store.h"
#include "temporary_directory.h"
#include "workload.h"

namespace coupond::bench {
namespace {

using storage::RocksDbEventLog;

/// Creates a log with its first event.
std::unique_ptr<RocksDbEventLog> CreateLog(const std::filesystem::path& directory) {
  auto log = RocksDbEventLog::Open(directory, RocksDbEventLog::Mode::kCreate);
  COUPOND_CHECK(log.has_value());
  const CommitGroup first{.number = GroupNumber(1),
                          .first_sequence = Sequence(1),
                          .commit_time = kNow,
                          .events = {StoreCreated{.store_id = NumberedId<StoreId>(0),
                                                  .code_key = NumberedId<CodeKey>(0),
                                                  .format_version = 2}}};
  COUPOND_CHECK((*log)->Append(first).has_value());
  return std::move(*log);
}

bool EndsAt(const std::filesystem::path& directory, const LogTip& tip) {
  const auto log = RocksDbEventLog::Open(directory, RocksDbEventLog::Mode::kReadOnly);
  return log && (*log)->Tip() == tip;
}

void AppendGroups(benchmark::State& state) {
  const auto events = static_cast<std::size_t>(state.range(0));
  const TemporaryDirectory temporary;
  const std::filesystem::path directory = temporary.path() / "log";
  std::unique_ptr<RocksDbEventLog> log = CreateLog(directory);
  for (auto _ : state) {
    const CommitGroup group = NextIssues(log->Tip(), events);
    const auto begin = std::chrono::steady_clock::now();
    const Status appended = log->Append(group);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(taken.count());
    if (!appended) {
      state.SkipWithError(appended.error().message.c_str());
      break;
    }
  }
  const LogTip tip = log->Tip();
  log.reset();
  if (tip.group != GroupNumber(1 + static_cast<std::uint64_t>(state.iterations())) ||
      !EndsAt(directory, tip)) {
    state.SkipWithError("the log does not end with what was appended");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["disk_bytes_per_event"] =
      static_cast<double>(DataBytesIn(directory)) / static_cast<double>(tip.sequence.value());
}
BENCHMARK(AppendGroups)
    ->Arg(1)
    ->Arg(64)
    ->Arg(1'024)
    ->Arg(4'096)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

/// Creates a store and adds `groups` groups of one event to its WAL, without syncs.
LogTip CreateStore(const std::filesystem::path& directory, std::int64_t groups) {
  SystemEntropy entropy;
  LogTip tip = (*storage::Store::Open(directory, entropy, SystemClock()))->log().Tip();
  rocksdb::DB* opened = nullptr;
  COUPOND_CHECK(rocksdb::DB::Open(storage::LogOptions(nullptr), directory / "log", &opened).ok());
  const std::unique_ptr<rocksdb::DB> log(opened);
  storage::EventCodec codec;
  std::string record;
  for (std::int64_t i = 0; i < groups; ++i) {
    const CommitGroup group = NextIssues(tip, 1);
    tip = storage::TipOf(group, codec.Write(group, tip.hash, record));
    COUPOND_CHECK(log->Put(rocksdb::WriteOptions(), storage::LogKey(group.number), record).ok());
  }
  return tip;
}

class NoListener final : public CommitListener {
 public:
  void OnCommit(const std::shared_ptr<const CommitGroup>&, const LogTip&) override {}
};

/// Measures the time from opening the store until the ledger is recovered, by groups in the WAL.
void StartOnTail(benchmark::State& state) {
  const TemporaryDirectory temporary;
  const std::filesystem::path kept = temporary.path() / "kept";
  const std::filesystem::path directory = temporary.path() / "data";
  const LogTip tip = CreateStore(kept, state.range(0));
  SystemEntropy entropy;
  NoListener listener;
  for (auto _ : state) {
    std::filesystem::remove_all(directory);
    std::filesystem::copy(kept, directory, std::filesystem::copy_options::recursive);
    const auto begin = std::chrono::steady_clock::now();
    const auto store = storage::Store::Open(directory, entropy, SystemClock());
    const bool recovered =
        store && Recover((*store)->log(), (*store)->views(), listener, nullptr).has_value();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(taken.count());
    if (!recovered || (*store)->log().Tip() != tip) {
      state.SkipWithError("the store does not start, or with another log");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(StartOnTail)->Arg(1'000)->Arg(100'000)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coupond::bench

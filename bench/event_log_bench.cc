// The event log on a real disk: one synced append after the other.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "base/check.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "temporary_directory.h"
#include "workload.h"

namespace coupond::bench {
namespace {

using storage::RocksDbEventLog;

/// A log with its first event, and the directory that it lies in.
std::unique_ptr<RocksDbEventLog> CreateLog(const std::filesystem::path& directory) {
  auto log = RocksDbEventLog::Open(directory, RocksDbEventLog::Mode::kCreate);
  COUPOND_CHECK(log.has_value());
  const CommitGroup first{.number = GroupNumber(1),
                          .first_sequence = Sequence(1),
                          .commit_time = kNow,
                          .events = {StoreCreated{.store_id = NumberedId<StoreId>(0),
                                                  .code_key = NumberedId<CodeKey>(0),
                                                  .format_version = 1}}};
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

}  // namespace
}  // namespace coupond::bench

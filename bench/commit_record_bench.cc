// Encoding of commit groups: events to a sealed record, and back.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>

#include "engine/ports/event_log.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "workload.h"

namespace coupond::bench {
namespace {

/// A group in the middle of a log of ten million coupons, so that its numbers have realistic
/// lengths.
CommitGroup TypicalGroup(benchmark::State& state) {
  const LogTip previous{
      .group = GroupNumber(50'000), .sequence = Sequence(10'000'000), .time = kNow, .hash = {}};
  return NextIssues(previous, static_cast<std::size_t>(state.range(0)));
}

std::string RecordOf(const CommitGroup& group) {
  storage::EventCodec codec;
  std::string record;
  codec.Write(group, GroupHash{}, record);
  return record;
}

void Report(benchmark::State& state, std::size_t record_bytes) {
  const auto events = static_cast<double>(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["time_per_event"] = benchmark::Counter(
      events, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes_per_event"] = static_cast<double>(record_bytes) / events;
}

void EncodeRecord(benchmark::State& state) {
  const CommitGroup group = TypicalGroup(state);
  storage::EventCodec codec;
  std::string record;
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec.Write(group, GroupHash{}, record));
  }
  if (record != RecordOf(group)) state.SkipWithError("equal groups gave different records");
  Report(state, record.size());
}
BENCHMARK(EncodeRecord)->Arg(1)->Arg(64)->Arg(1'024)->Arg(4'096);

void DecodeRecord(benchmark::State& state) {
  const CommitGroup group = TypicalGroup(state);
  const std::string bytes = RecordOf(group);
  storage::EventCodec codec;
  for (auto _ : state) {
    const auto record = storage::ParseRecord(bytes);
    if (!record || storage::ChainHash(GroupHash{}, record->payload) != record->hash) {
      state.SkipWithError("the record's hash is wrong");
      break;
    }
    const auto decoded = codec.Decode(*record);
    if (!decoded || decoded->events.size() != group.events.size()) {
      state.SkipWithError("the record cannot be decoded");
      break;
    }
  }
  const auto decoded = codec.Decode(*storage::ParseRecord(bytes));
  if (!decoded || *decoded != group) state.SkipWithError("another group was read than written");
  Report(state, bytes.size());
}
BENCHMARK(DecodeRecord)->Arg(1)->Arg(64)->Arg(1'024)->Arg(4'096);

}  // namespace
}  // namespace coupond::bench

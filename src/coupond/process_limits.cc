#include "coupond/process_limits.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "program/open_files.h"
#include "rpc/http/limits.h"

namespace coupond {
namespace {

/// The number of threads in addition to the HTTP workers: sequencer, projector, query, watermark,
/// file guard and backup; RocksDB's flush, compaction and timer; and one spare.
constexpr std::size_t kThreadsReserved = 6 + 3 + 1;

/// Starts up to `wanted` idle threads, ends them, and returns how many could run at once. No system
/// call reports the limit: besides RLIMIT_NPROC there are the limits of control groups and of
/// memory.
std::size_t CountThreadsAllowed(std::size_t wanted) {
  std::latch counted(1);
  std::vector<std::jthread> threads;
  threads.reserve(wanted);
  const auto start_one = [&] {
    try {
      threads.emplace_back([&counted] { counted.wait(); });
      return true;
    } catch (const std::exception&) {
      // Either std::system_error (no more threads) or std::bad_alloc (no memory for another).
      return false;
    }
  };
  while (threads.size() < wanted && start_one()) continue;
  counted.count_down();
  return threads.size();
}

}  // namespace

Result<std::size_t> CheckProcessLimits(unsigned http_threads) {
  const std::size_t files = RaiseOpenFileLimit();
  if (files <= kFilesReserved) {
    return MakeError(ErrorCode::kSystemLimit, "only " + std::to_string(files) +
                                                  " files may be open, at least " +
                                                  std::to_string(kFilesReserved + 1) +
                                                  " are needed; raise the limit (ulimit -n)");
  }
  const std::size_t connections_max = std::min(http::kConnectionsMax, files - kFilesReserved);
  if (connections_max < http::kConnectionsMax) {
    spdlog::warn("at most {} connections, because only {} files may be open (ulimit -n)",
                 connections_max, files);
  }
  const std::size_t threads = http_threads + kThreadsReserved;
  if (const std::size_t allowed = CountThreadsAllowed(threads); allowed < threads) {
    return MakeError(ErrorCode::kSystemLimit,
                     "only " + std::to_string(allowed) + " threads can be started, " +
                         std::to_string(threads) +
                         " are needed; raise the limit on threads (ulimit -u, TasksMax, pids.max) "
                         "or on memory, or lower --threads");
  }
  return connections_max;
}

}  // namespace coupond

#ifndef COUPOND_TEST_SYSTEM_CRASH_CRASH_RUN_H_
#define COUPOND_TEST_SYSTEM_CRASH_CRASH_RUN_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "system/crash/campaign_slots.h"
#include "system/crash/client_ledger.h"
#include "system/crash/fault_log.h"
#include "system/crash/kill_judge.h"
#include "system/crash/kill_plan.h"
#include "system/crash/load_client.h"
#include "system/program/process.h"

namespace coupond::test {

struct CrashOptions {
  std::string server;                    ///< path of the program
  std::optional<std::string> audit;      ///< path of coupon-audit, run after each restart
  std::filesystem::path data_directory;  ///< must be empty or not exist
  std::uint64_t seed = 0;
  std::size_t kills = 0;
  std::size_t clients = 0;
  /// A server under load that gives no answer for this long has failed.
  std::chrono::milliseconds silence_max = std::chrono::seconds(60);
};

/// The result of a run so far.
struct CrashResult {
  std::size_t kills = 0;
  std::array<std::size_t, 4> kills_at{};  ///< by KillMoment
  std::size_t kills_before_ready = 0;     ///< of those while starting
  std::size_t failed_kills = 0;           ///< followed by a fault; at least 1 if there is any fault
  std::size_t restarts = 0;               ///< that became ready and were checked
  std::size_t clean_stops = 0;            ///< stops that were complete before the kill
  std::size_t audits = 0;
  std::chrono::nanoseconds slowest_restart{0};
  ClientLedger::Totals totals;
};

/// Kills the real server again and again under load, and checks it after each restart.
///
/// Everything random comes from the seed, except when threads and processes run: a seed repeats the
/// plan, not the exact run. One thread, which the server does not outlive.
class CrashRun {
 public:
  CrashRun(CrashOptions options, FaultLog& faults);

  /// Runs until all kills are done or a server does not start, which is a fault too. Calls
  /// `on_kill` after each kill.
  CrashResult Run(const std::function<void(const CrashResult&)>& on_kill);

 private:
  void Start();
  /// Returns false, after adding a fault, if the server does not become ready.
  [[nodiscard]] bool AwaitReady();
  void CheckServer();
  void CheckErasedUsers();
  void Audit();
  void KillWhileStarting(const Kill& kill);
  void KillUnderLoad(const Kill& kill);
  /// Sends SIGKILL and returns the exit status: minus SIGKILL unless the server had already ended.
  [[nodiscard]] std::optional<int> KillServer();
  void CountKill(KillMoment moment);
  /// Resolves every unknown outcome, checks again, and stops the server.
  void CheckEverythingOnceMore();
  void JudgeKills();

  const CrashOptions options_;
  FaultLog& faults_;
  ClientLedger ledger_;
  CampaignSlots slots_;
  KillPlan plan_;
  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::optional<Process> server_;
  std::chrono::steady_clock::time_point started_at_;
  std::chrono::nanoseconds last_start_;
  std::chrono::nanoseconds last_stop_;
  std::uint16_t port_ = 0;
  KillJudge judge_;
  CrashResult result_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_CRASH_RUN_H_

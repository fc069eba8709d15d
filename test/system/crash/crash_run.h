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
  std::string server;                    ///< the program
  std::optional<std::string> audit;      ///< coupon-audit, to be run after each restart
  std::filesystem::path data_directory;  ///< empty, or not there yet
  std::uint64_t seed = 0;
  std::size_t kills = 0;
  std::size_t clients = 0;
  /// A server under load that gives no answer for so long has failed.
  std::chrono::milliseconds silence_max = std::chrono::seconds(20);
};

/// What came of a run so far.
struct CrashResult {
  std::size_t kills = 0;
  std::array<std::size_t, 4> kills_at{};  ///< by KillMoment
  std::size_t kills_before_ready = 0;     ///< of those while starting
  std::size_t failed_kills = 0;           ///< after which a fault was found; not 0 if there is any
  std::size_t restarts = 0;               ///< that became ready, and were checked
  std::size_t clean_stops = 0;            ///< a stop that was done before its kill came
  std::size_t audits = 0;
  std::chrono::nanoseconds slowest_restart{0};
  ClientLedger::Totals totals;
};

/// Kills the real server again and again under load, and checks it after each restart.
///
/// Everything that is drawn comes from the seed. When threads and processes run is not drawn, so a
/// seed gives the same plan again, not the same run. One thread, which the server does not outlive.
class CrashRun {
 public:
  CrashRun(CrashOptions options, FaultLog& faults);

  /// Until all kills are done, or a server does not start (a fault too). `on_kill` is called after
  /// each, for people to see how far it is.
  CrashResult Run(const std::function<void(const CrashResult&)>& on_kill);

 private:
  void Start();
  /// False: it did not become ready, which has been noted as a fault.
  [[nodiscard]] bool AwaitReady();
  void CheckServer();
  void Audit();
  void KillWhileStarting(const Kill& kill);
  void KillUnderLoad(const Kill& kill);
  /// SIGKILL, and the status that it ended with: minus SIGKILL, if it had not ended before.
  [[nodiscard]] std::optional<int> KillServer();
  void CountKill(KillMoment moment);
  /// Ends with the server running and nothing unknown.
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

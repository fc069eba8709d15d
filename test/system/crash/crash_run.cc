#include "system/crash/crash_run.h"

#include <csignal>
#include <exception>
#include <stdexcept>
#include <string_view>

#include "system/crash/load.h"
#include "system/crash/shown.h"

namespace coupond::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// Generous, because the machine may be busy.
constexpr std::chrono::seconds kPatience{60};
constexpr std::string_view kReadyText = "ready on http://127.0.0.1:";
/// Longest time under load before a kill at a random time.
constexpr milliseconds kLoadTimeMax{600};
/// Assumed durations of a start and a stop before the first.
constexpr milliseconds kStartGuess{60};
constexpr milliseconds kStopGuess{30};

nanoseconds Part(double fraction, nanoseconds whole) {
  return std::chrono::duration_cast<nanoseconds>(fraction * whole);
}

}  // namespace

CrashRun::CrashRun(CrashOptions options, FaultLog& faults)
    : options_(std::move(options)),
      faults_(faults),
      ledger_(faults),
      slots_(ledger_, options_.seed),
      plan_(options_.seed),
      last_start_(kStartGuess),
      last_stop_(kStopGuess) {
  for (std::size_t number = 0; number < options_.clients; ++number) {
    clients_.push_back(std::make_unique<LoadClient>(
        LoadClient::Shared{.ledger = ledger_, .slots = slots_, .faults = faults_}, options_.seed,
        number));
  }
}

CrashResult CrashRun::Run(const std::function<void(const CrashResult&)>& on_kill) {
  while (result_.kills < options_.kills) {
    const std::size_t kill_number = result_.kills;
    const Kill kill = plan_.Next();
    Start();
    if (kill.moment == KillMoment::kWhileStarting) {
      KillWhileStarting(kill);
    } else {
      if (!AwaitReady()) break;
      CheckServer();
      KillUnderLoad(kill);
    }
    result_.totals = ledger_.totals();
    if (kill_number != result_.kills) on_kill(result_);
  }
  CheckEverythingOnceMore();
  JudgeKills();
  result_.totals = ledger_.totals();
  return result_;
}

void CrashRun::Start() {
  // The previous server, if any, has ended.
  server_.reset();
  started_at_ = steady_clock::now();
  server_.emplace(std::vector<std::string>{options_.server, "--listen", "127.0.0.1:0", "--data-dir",
                                           options_.data_directory.string()});
}

bool CrashRun::AwaitReady() {
  const auto line = server_->WaitForLine(kReadyText, kPatience);
  if (!line) {
    faults_.Add(FaultKind::kUnexpected,
                "the server did not become ready; its output: " + server_->output());
    JudgeKills();
    return false;
  }
  last_start_ = steady_clock::now() - started_at_;
  if (result_.kills > 0) {
    ++result_.restarts;
    result_.slowest_restart = std::max(result_.slowest_restart, last_start_);
  }
  port_ = static_cast<std::uint16_t>(
      std::stoul(line->substr(line->find(kReadyText) + kReadyText.size())));
  return true;
}

void CrashRun::CheckServer() {
  try {
    ledger_.Check(ReadServerState(port_));
    CheckErasedUsers();
  } catch (const std::exception& error) {
    faults_.Add(FaultKind::kUnexpected, error.what());
  }
  Audit();
  JudgeKills();
}

void CrashRun::CheckErasedUsers() {
  CouponClient client(port_, Form::kConnectProto);
  for (const std::string& user : ledger_.ErasedUsers()) {
    api::SearchCouponsRequest request;
    request.set_user_id(user);
    const auto found = client.Search(request);
    if (!found.ok()) throw std::runtime_error("cannot search for coupons: " + found.message);
    ledger_.SawCouponsOfErased(user, static_cast<std::size_t>(found.response.coupons_size()));
  }
}

void CrashRun::Audit() {
  if (!options_.audit) return;
  Process audit({*options_.audit, "verify", options_.data_directory.string()});
  const auto status = audit.WaitForExit(kPatience);
  ++result_.audits;
  if (status == 0) return;
  faults_.Add(FaultKind::kUnexpected,
              "coupon-audit verify " +
                  (status ? "ended with status " + std::to_string(*status) : "did not end") +
                  "; its output: " + audit.output());
}

void CrashRun::KillWhileStarting(const Kill& kill) {
  // The server may become ready meanwhile, but must not end.
  static_cast<void>(
      server_->WaitForExit(std::chrono::ceil<milliseconds>(Part(kill.fraction, last_start_))));
  const auto status = KillServer();
  CountKill(kill.moment);
  if (status != -SIGKILL) {
    faults_.Add(FaultKind::kUnexpected,
                "the server ended while starting; its output: " + server_->output());
  }
  if (server_->output().find(kReadyText) == std::string::npos) ++result_.kills_before_ready;
}

void CrashRun::KillUnderLoad(const Kill& kill) {
  Load load(clients_, port_);
  if (kill.moment == KillMoment::kAfterTime) {
    load.WaitForTime(std::chrono::ceil<milliseconds>(Part(kill.fraction, kLoadTimeMax)));
  } else if (!load.WaitForAnswers(kill.acknowledgements, options_.silence_max)) {
    faults_.Add(FaultKind::kUnexpected,
                "no answers for " + std::to_string(options_.silence_max.count()) +
                    " ms, or the load ended by itself; the server's output: " + server_->output());
  }
  load.ExpectEnd();
  const auto began = steady_clock::now();
  if (kill.moment == KillMoment::kWhileStopping) {
    server_->Signal(SIGTERM);
    static_cast<void>(
        server_->WaitForExit(std::chrono::ceil<milliseconds>(Part(kill.fraction, last_stop_))));
  }
  const auto status = KillServer();
  if (kill.moment == KillMoment::kWhileStopping && status == 0) {
    last_stop_ = steady_clock::now() - began;
    ++result_.clean_stops;
    return;
  }
  // The stop was not complete when the kill came, so the next one gets more time.
  if (kill.moment == KillMoment::kWhileStopping) {
    last_stop_ = std::min<nanoseconds>(last_stop_ * 5 / 4, kLoadTimeMax);
  }
  CountKill(kill.moment);
  if (status == -SIGKILL) return;
  faults_.Add(FaultKind::kUnexpected,
              "the server had ended by itself; its output: " + server_->output());
}

std::optional<int> CrashRun::KillServer() {
  server_->Signal(SIGKILL);
  return server_->WaitForExit(kPatience);
}

void CrashRun::CountKill(KillMoment moment) {
  ++result_.kills;
  ++result_.kills_at.at(static_cast<std::size_t>(moment));
  judge_.CountKill();
}

void CrashRun::JudgeKills() {
  judge_.Judge(faults_.total());
  result_.failed_kills = judge_.failed();
}

void CrashRun::CheckEverythingOnceMore() {
  Start();
  if (!AwaitReady()) return;
  CheckServer();
  for (const std::unique_ptr<LoadClient>& client : clients_) client->Resolve(port_);
  // No outcome is unknown any more, so the server must have exactly what was acknowledged, and the
  // anonymous coupons whose answers were lost.
  CheckServer();
  server_->Signal(SIGTERM);
  const auto status = server_->WaitForExit(kPatience);
  if (status != 0) {
    faults_.Add(FaultKind::kUnexpected,
                "the last server did not stop cleanly; its output: " + server_->output());
  }
}

}  // namespace coupond::test

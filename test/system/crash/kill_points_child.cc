// Opens a store, starts the engine on it, carries out a list of commands, and kills itself at a
// given step. Writes the replies to standard output. kill_points_test.cc runs it. With "erase" in
// place of the number of a round, it erases a user; kill_erasure_test.cc runs that.
//
// Usage: coupond_kill_points_child DIRECTORY STEP COUNT ROUND|erase

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "engine/engine.h"
#include "storage/store.h"
#include "support/builders.h"
#include "support/recording_channel.h"
#include "system/crash/kill_point.h"
#include "system/crash/kill_workload.h"
#include "system/crash/killing_files.h"
#include "system/crash/killing_ports.h"
#include "system/crash/reply_text.h"

namespace coupond::test {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

/// Writes each reply to standard output when it is delivered.
class TellingChannel final : public ReplyChannel {
 public:
  explicit TellingChannel(KillSwitch& kill) : kill_(kill) {}

  void Deliver(std::span<const TicketedReply> replies) override {
    for (const TicketedReply& ticketed : replies) Tell(FormatReply(ticketed));
    kill_.Reach(KillPoint::kAfterReply, replies.back().reply.sequence.value());
    recording_.Deliver(replies);
  }
  void WaitForReplies(std::size_t count) { recording_.WaitForReplies(count); }

 private:
  KillSwitch& kill_;
  RecordingChannel recording_;
};

int Fail(const Error& error) {
  Tell("failed: " + error.message);
  return kExitFailed;
}

/// Waits until the views contain everything durable. Otherwise a projector that is behind would
/// write once for many groups, and the write at which to kill the process might never come.
void AwaitViews(Engine& engine) {
  std::latch answered(1);
  const bool asked = engine.Query([&answered](const Status&) { answered.count_down(); });
  COUPOND_CHECK(asked);
  answered.wait();
}

void CarryOut(Engine& engine, std::vector<Command> commands, TellingChannel& channel) {
  for (std::size_t ticket = 0; ticket < commands.size(); ++ticket) {
    const auto push = engine.Submit({std::move(commands[ticket]), &channel, ticket});
    COUPOND_CHECK(push == CommandQueue::Push::kAccepted);
    if ((ticket + 1) % kCommandsAtOnce != 0) continue;
    channel.WaitForReplies(ticket + 1);
    AwaitViews(engine);
  }
  channel.WaitForReplies(commands.size());
}

/// Erases the user, again while files are slow to go.
void Erase(Engine& engine) {
  for (bool is_pending = true; is_pending;) {
    std::promise<ErasureOutcome> answer;
    const bool taken = engine.eraser().TryErase(
        {.user_ids = {ErasedUser()}},
        [&answer](const ErasureOutcome& outcome) { answer.set_value(outcome); });
    COUPOND_CHECK(taken);
    const ErasureOutcome outcome = answer.get_future().get();
    const auto* const report = std::get_if<ErasureReport>(&outcome);
    COUPOND_CHECK(report != nullptr);
    is_pending = report->pending;
  }
  Tell("erased");
}

/// Runs the engine as the server does, with a kill switch in every port. Without a round, erases a
/// user.
int Run(const std::filesystem::path& path, KillSwitch& kill, std::optional<std::uint8_t> round) {
  const FakeClock clock(KillTime(round.value_or(0)));
  SystemEntropy entropy;
  KillingFiles files(kill);
  auto store = storage::Store::Open(path, entropy, clock, files.env());
  if (!store) return Fail(store.error());
  kill.Reach(KillPoint::kStoreOpened, 0);
  Fence fence([](const Error& error) { Tell("fenced: " + error.message); });
  storage::WatermarkKeeper& watermark = (*store)->watermark();
  watermark.Start([&fence](const Error& error) { fence.Raise(error); });

  KillingEventLog log((*store)->log(), kill);
  KillingViewStore views((*store)->views(), kill);
  KillingCommitListener listener(watermark, path / "WATERMARK", kill);
  KillingTextPurge texts((*store)->texts(), kill);
  TellingChannel channel(kill);
  auto engine = Engine::Start({.log = log,
                               .stored_log = log,
                               .views = views,
                               .clock = clock,
                               .fence = fence,
                               .commit_listener = &listener,
                               .texts = &texts},
                              {});
  if (!engine) return Fail(engine.error());
  kill.Reach(KillPoint::kEngineStarted, 0);

  if (round) {
    CarryOut(**engine, KillWorkload(*round), channel);
  } else {
    Erase(**engine);
  }
  (*engine)->Stop();
  if (const Status stopped = watermark.Stop(); !stopped) return Fail(stopped.error());
  Tell("ended " + std::to_string(kill.count()));
  return 0;
}

int Main(std::span<char*> arguments) {
  const auto point = arguments.size() == 5 ? KillPointNamed(arguments[2]) : std::nullopt;
  if (!point) {
    std::fputs("usage: coupond_kill_points_child DIRECTORY STEP COUNT ROUND|erase\n", stderr);
    return kExitUsage;
  }
  KillSwitch kill(*point, std::stoull(arguments[3]));
  const std::string round = arguments[4];
  if (round == "erase") return Run(arguments[1], kill, std::nullopt);
  return Run(arguments[1], kill, static_cast<std::uint8_t>(std::stoul(round)));
}

}  // namespace
}  // namespace coupond::test

int main(int argc, char** argv) {
  return coupond::test::Main({argv, static_cast<std::size_t>(argc)});
}

#include "faults/store_run.h"

#include <cstdio>
#include <cstdlib>
#include <future>
#include <limits>
#include <string>
#include <utility>

#include "base/check.h"
#include "storage/files/file_guard.h"
#include "support/recording_channel.h"

namespace coupond::test {

Result<std::unique_ptr<StoreRun>> StoreRun::Start(const std::filesystem::path& path,
                                                  const World& world) {
  std::unique_ptr<storage::Store> store =
      TRY(storage::Store::Open(path, world.entropy, world.clock, world.env));
  std::unique_ptr<StoreRun> run(new StoreRun(std::move(store)));
  storage::WatermarkKeeper& watermark = run->store_->watermark();
  watermark.Start([&fence = run->fence_](const Error& error) { fence.Raise(error); });
  // Whatever faults the files have here, no other program touches them.
  const auto nobody = [](const std::vector<storage::FileLoss>& losses) {
    std::fprintf(stderr, "a false alarm: %s\n", storage::Describe(losses).c_str());
    std::abort();
  };
  run->store_->guard().Start(nobody, nobody);
  const Engine::Ports ports{.log = run->store_->log(),
                            .stored_log = run->store_->log(),
                            .views = run->store_->views(),
                            .clock = world.clock,
                            .fence = run->fence_,
                            .commit_listener = &watermark,
                            .texts = &run->store_->texts()};
  run->engine_ = TRY(StartEngine(ports, {.show = [](std::uint64_t, std::uint64_t) {},
                                         .told_to_stop = [] { return false; },
                                         .views_discarded = [](const Error&) {}}));
  return run;
}

StoreRun::~StoreRun() { static_cast<void>(Stop()); }

std::vector<Reply> StoreRun::Submit(std::span<const Command> commands) {
  RecordingChannel channel;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    COUPOND_CHECK(engine_->Submit({commands[i], &channel, i}) == CommandQueue::Push::kAccepted);
  }
  channel.WaitForReplies(commands.size());
  COUPOND_CHECK(!channel.answered_twice());
  std::vector<Reply> replies;
  for (auto& [ticket, reply] : channel.replies()) replies.push_back(reply);
  return replies;
}

Result<std::vector<Campaign>> StoreRun::ListCampaigns() {
  std::promise<Result<std::vector<Campaign>>> answer;
  COUPOND_CHECK(engine_->Query([&](const Status& ready) {
    if (!ready) return answer.set_value(std::unexpected(ready.error()));
    answer.set_value(
        engine_->views().ListCampaigns(CampaignNumber(0), std::numeric_limits<std::size_t>::max()));
  }));
  return answer.get_future().get();
}

ErasureOutcome StoreRun::Erase(const std::string& user_id) {
  std::promise<ErasureOutcome> answer;
  COUPOND_CHECK(engine_->eraser().TryErase(
      {.user_ids = {user_id}},
      [&answer](const ErasureOutcome& outcome) { answer.set_value(outcome); }));
  return answer.get_future().get();
}

void StoreRun::AwaitFence() { fenced_.wait(); }

Status StoreRun::Stop() {
  if (engine_) engine_->Stop();
  static_cast<void>(store_->guard().Look());
  store_->guard().Stop();
  if (const auto reason = fence_.reason()) {
    store_->watermark().Abandon();
    return std::unexpected(*reason);
  }
  return store_->watermark().Stop();
}

}  // namespace coupond::test

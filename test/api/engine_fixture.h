#ifndef COUPOND_TEST_API_ENGINE_FIXTURE_H_
#define COUPOND_TEST_API_ENGINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "base/entropy.h"
#include "engine/engine.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_text_purge.h"
#include "support/fake_view_store.h"
#include "support/manual_executor.h"

namespace coupond::api {

/// The engine on fakes of its ports, and a worker's thread that the test drives.
class EngineFixture : public testing::Test {
 protected:
  void SetUp() override { StartEngine(); }
  void TearDown() override { engine_->Stop(); }

  void StartEngine() {
    auto engine = Engine::Start({.log = log_,
                                 .stored_log = log_,
                                 .views = views_,
                                 .clock = clock_,
                                 .fence = fence_,
                                 .observer = observer_,
                                 .texts = can_erase_ ? &texts_ : nullptr,
                                 .clock_slack = clock_slack_},
                                {});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  /// Fills the queue of queries, which then waits until the promise is set.
  [[nodiscard]] std::promise<void> FillQueries(Engine::QueryKind kind = Engine::QueryKind::kShort) {
    std::promise<void> begun;
    std::promise<void> end;
    EXPECT_TRUE(engine_->Query(
        [&begun, ended = end.get_future().share()](const Status&) {
          begun.set_value();
          ended.wait();
        },
        kind));
    begun.get_future().wait();
    while (engine_->Query([](const Status&) {}, kind)) {
    }
    return end;
  }

  test::FakeClock clock_{test::At(0)};
  std::chrono::nanoseconds clock_slack_ = kUnlimited;  // when the engine starts
  bool can_erase_ = true;                              // likewise
  EngineObserver* observer_ = nullptr;                 // likewise
  test::FakeEventLog log_;
  test::FakeTextPurge texts_{log_};
  test::FakeViewStore views_;
  Fence fence_;
  SystemEntropy entropy_;
  test::ManualExecutor executor_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_ENGINE_FIXTURE_H_

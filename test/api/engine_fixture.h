#ifndef COUPOND_TEST_API_ENGINE_FIXTURE_H_
#define COUPOND_TEST_API_ENGINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "base/entropy.h"
#include "engine/engine.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"
#include "support/manual_executor.h"

namespace coupond::api {

/// The engine on fakes of its ports, and a worker's thread that the test drives.
class EngineFixture : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = Engine::Start(
        {.log = log_, .stored_log = log_, .views = views_, .clock = clock_, .fence = fence_}, {});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  void TearDown() override { engine_->Stop(); }

  test::FakeClock clock_{test::At(0)};
  test::FakeEventLog log_;
  test::FakeViewStore views_;
  Fence fence_;
  SystemEntropy entropy_;
  test::ManualExecutor executor_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_ENGINE_FIXTURE_H_

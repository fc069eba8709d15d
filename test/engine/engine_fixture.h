#ifndef COUPOND_TEST_ENGINE_ENGINE_FIXTURE_H_
#define COUPOND_TEST_ENGINE_ENGINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "engine/engine.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"
#include "support/recording_channel.h"

namespace coupond {

/// The engine with its threads, on a log and views in memory.
class EngineFixture : public ::testing::Test {
 protected:
  void Start() {
    auto engine = Engine::Start(
        {.log = log_, .stored_log = log_, .views = views_, .clock = clock_, .fence = fence_}, {});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  void Submit(Command command, std::uint64_t ticket) {
    ASSERT_EQ(engine_->Submit({std::move(command), &channel_, ticket}),
              CommandQueue::Push::kAccepted);
  }
  /// Asks on the query thread and waits for the answer.
  template <typename T>
  T Ask(std::function<T(const Status&)> query) {
    std::promise<T> answer;
    auto future = answer.get_future();
    EXPECT_TRUE(engine_->Query([&](const Status& ready) { answer.set_value(query(ready)); }));
    return future.get();
  }
  std::int64_t IssuedCount(std::uint8_t campaign) {
    return Ask<std::int64_t>([&](const Status& ready) -> std::int64_t {
      if (!ready) return -1;
      const auto row = views_.FindCampaign(test::Id(campaign)).value();
      return row ? row->issued_coupons : -1;
    });
  }

  test::FakeClock clock_{test::At(0)};
  test::FakeEventLog log_;
  test::FakeViewStore views_;
  Fence fence_;
  test::RecordingChannel channel_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace coupond

#endif  // COUPOND_TEST_ENGINE_ENGINE_FIXTURE_H_

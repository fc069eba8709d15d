#ifndef COUPOND_TEST_FUZZ_SERVICE_WORLD_H_
#define COUPOND_TEST_FUZZ_SERVICE_WORLD_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/coupon_service.h"
#include "base/entropy.h"
#include "engine/engine.h"
#include "engine/sequencer/fence.h"
#include "rpc/http/handler.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"
#include "support/manual_executor.h"

namespace coupond::fuzz {

/// 16 bytes of 1, then of 2, … so that the ids of campaigns can be written into seeds.
class CountingEntropy final : public Entropy {
 public:
  [[nodiscard]] std::array<std::uint8_t, 16> Random16() override;

 private:
  std::uint8_t count_ = 0;
};

/// An answer, with all its pieces.
struct WholeAnswer {
  http::Response head;
  std::string body;
};

/// The coupon service with an engine, on a log and views in memory, at a time that stands still. A
/// new one is always the same, so an answer depends on the requests alone. One thread, which it
/// shares with the engine's own.
class ServiceWorld {
 public:
  ServiceWorld();
  ~ServiceWorld();
  ServiceWorld(const ServiceWorld&) = delete;
  ServiceWorld& operator=(const ServiceWorld&) = delete;

  /// Has the request handled, and waits for the answer.
  [[nodiscard]] WholeAnswer Ask(const http::Request& request);

  /// What is in the log.
  [[nodiscard]] std::vector<CommitGroup> Groups() const { return log_.Groups(); }

 private:
  test::ManualExecutor executor_;
  test::FakeClock clock_{test::At(0)};
  test::FakeEventLog log_;
  test::FakeViewStore views_;
  Fence fence_;
  CountingEntropy entropy_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<service::CouponService> service_;
  std::unique_ptr<http::Handler> handler_;
};

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_SERVICE_WORLD_H_

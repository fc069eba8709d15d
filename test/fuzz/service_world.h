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
#include "support/fake_text_purge.h"
#include "support/fake_view_store.h"
#include "support/manual_executor.h"

namespace coupond::fuzz {

/// Returns 16 bytes of 1, then of 2, …, so that seeds can contain the ids of campaigns.
class CountingEntropy final : public Entropy {
 public:
  [[nodiscard]] std::array<std::uint8_t, 16> Random16() override;

 private:
  std::uint8_t count_ = 0;
};

/// An answer with its whole body.
struct WholeAnswer {
  http::Response head;
  std::string body;
};

/// The coupon service with an engine, on a log and views in memory, with a clock that stands still.
/// A new one is always the same, so answers depend on the requests alone. One thread, besides the
/// engine's own.
class ServiceWorld {
 public:
  ServiceWorld();
  ~ServiceWorld();
  ServiceWorld(const ServiceWorld&) = delete;
  ServiceWorld& operator=(const ServiceWorld&) = delete;

  /// Handles the request and waits for the answer. Reads only the head of a stream that may go on
  /// for ever.
  [[nodiscard]] WholeAnswer Ask(const http::Request& request);

  /// Returns the groups in the log.
  [[nodiscard]] std::vector<CommitGroup> Groups() const { return log_.Groups(); }

 private:
  test::ManualExecutor executor_;
  test::FakeClock clock_{test::At(0)};
  test::FakeEventLog log_;
  test::FakeTextPurge texts_{log_};
  test::FakeViewStore views_;
  Fence fence_;
  CountingEntropy entropy_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<api::CouponService> service_;
  std::unique_ptr<http::Handler> handler_;
};

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_SERVICE_WORLD_H_

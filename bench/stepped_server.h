#ifndef COUPOND_BENCH_STEPPED_SERVER_H_
#define COUPOND_BENCH_STEPPED_SERVER_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/key_ring.h"
#include "api/coupon_service.h"
#include "api/metrics/metrics.h"
#include "base/entropy.h"
#include "base/file_descriptor.h"
#include "encoded_log.h"
#include "engine/engine.h"
#include "engine/ports/clock.h"
#include "engine/sequencer/fence.h"
#include "rpc/http/server.h"
#include "support/fake_view_store.h"
#include "workload.h"

namespace coupond::bench {

/// The real service on real sockets, except for its disk, its views and its clock, in which every
/// round does exactly the same: all requests of a round are there before the worker looks, and they
/// become one commit group. So the number of instructions is the same from run to run.
///
/// One thread, which is client and sequencer; the worker has its own. Whatever goes wrong ends the
/// program. The views never catch up, because they are no part of a request's path.
class SteppedServer {
 public:
  /// With `with_keys` the server has access keys, an admin's among them.
  explicit SteppedServer(std::size_t connections, bool with_keys = false);
  ~SteppedServer();
  SteppedServer(const SteppedServer&) = delete;
  SteppedServer& operator=(const SteppedServer&) = delete;

  /// Sends one request on each of the first connections, lets the server answer them, and returns
  /// the answers, which are valid until the next call. Each must have status 200.
  std::span<const std::string> Answer(std::span<const std::string> requests);

  /// Returns a POST with this body, and with the key if the server has keys.
  [[nodiscard]] std::string Post(std::string_view path, std::string_view content_type,
                                 std::string_view body) const;

 private:
  class CountingHandler;

  class ConstantClock final : public Clock {
   public:
    [[nodiscard]] Timestamp Now() const override { return kNow; }
  };
  class ConstantEntropy final : public Entropy {
   public:
    [[nodiscard]] std::array<std::uint8_t, 16> Random16() override {
      return NumberedId<CampaignId>(drawn_++).bytes;
    }

   private:
    std::uint64_t drawn_ = 0;
  };

  /// Waits until `ready` holds, under the lock.
  void Await(const std::function<bool()>& ready);
  /// Changes something that Await waits for, under the lock.
  void Tell(const std::function<void()>& change);
  /// Makes the worker wait, before it looks at its sockets again, until `released_` is set.
  void HoldWorker();
  /// Waits until the worker has done everything that was posted to it so far.
  void AwaitWorker();

  std::string key_;  ///< empty: there are no keys
  access::KeyRing ring_{{}};
  ConstantClock clock_;
  ConstantEntropy entropy_;
  EncodedLog log_;
  test::FakeViewStore views_;
  Fence fence_;
  api::Metrics metrics_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<api::CouponService> service_;
  http::Executor* executor_ = nullptr;
  std::unique_ptr<http::Server> server_;
  std::vector<FileDescriptor> connections_;
  std::vector<std::string> answers_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t handled_ = 0;  // guarded by mutex_, as are the next three
  bool held_ = false;
  bool released_ = false;
  bool idle_ = false;
};

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_STEPPED_SERVER_H_

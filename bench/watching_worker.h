#ifndef COUPOND_BENCH_WATCHING_WORKER_H_
#define COUPOND_BENCH_WATCHING_WORKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <semaphore>
#include <thread>

#include "engine/views/campaign_watch.h"
#include "workload.h"

namespace coupond::bench {

/// A thread that watches the big campaign and others that never exist. It takes every change as
/// soon as it is woken, which is more often than a worker of the server does. It must end before
/// the engine is destroyed.
class WatchingWorker {
 public:
  WatchingWorker(CampaignWatches& watches, std::size_t campaigns)
      : watched_(watches, [this] { woken_.release(); }) {
    watched_.Add(BigCampaign());
    for (std::size_t i = 1; i < campaigns; ++i) watched_.Add(NumberedId<CampaignId>(i));
    thread_ = std::thread([this] { Run(); });
  }
  ~WatchingWorker() {
    if (thread_.joinable()) (void)Finish();
  }
  WatchingWorker(const WatchingWorker&) = delete;
  WatchingWorker& operator=(const WatchingWorker&) = delete;

  /// Takes the last changes, and ends. Returns the number of issued coupons of the big campaign
  /// that it has seen.
  [[nodiscard]] std::int64_t Finish() {
    finishing_ = true;
    woken_.release();
    thread_.join();
    return issued_;
  }

 private:
  void Run() {
    for (bool last = false; !last;) {
      woken_.acquire();
      last = finishing_;
      for (const auto& snapshot : watched_.TakeChanged()) {
        issued_ = snapshot->campaign.issued_coupons;
      }
    }
  }

  std::counting_semaphore<> woken_{0};
  std::atomic<bool> finishing_{false};
  std::int64_t issued_ = 0;  // used by the thread until it has ended
  WatchedCampaigns watched_;
  std::thread thread_;
};

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_WATCHING_WORKER_H_

#ifndef COUPOND_BENCH_ISSUE_CLIENT_H_
#define COUPOND_BENCH_ISSUE_CLIENT_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/sequencer/reply.h"

namespace coupond::bench {

/// The result of a run of IssueClient.
struct IssueRun {
  std::string fault;  ///< what went wrong; empty if nothing did
  std::chrono::duration<double> duration{};
  std::vector<std::uint32_t> latencies_us;  ///< of each issue, from submitting to its reply
};

/// A caller of the engine in the same process, without HTTP. It keeps a number of IssueCoupon
/// commands in flight, as an HTTP worker with that many connections does: replies arrive in batches
/// and are handled on the caller's thread. It checks that each command is answered once, and that
/// no serial is issued twice.
///
/// Must outlive the engine. One thread, except for Deliver.
class IssueClient final : public ReplyChannel {
 public:
  enum class Kind {
    kAnonymous,
    kWithClaims,
    kHeld,          ///< asks again for the coupons of kWithClaims
    kHeldLookedUp,  ///< the same, and looks up each coupon in the views before it counts
  };

  void Deliver(std::span<const TicketedReply> replies) override;

  /// Submits one command and waits for its reply.
  [[nodiscard]] Reply Ask(Engine& engine, const Command& command);
  /// Submits the commands, 1,024 at a time, and returns when all are done. None may be refused.
  void DoAll(Engine& engine, std::span<const Command> commands);
  /// Issues `count` coupons of the big campaign, whose serials begin at `first_serial`, or asks for
  /// them again. Ends early at the first fault.
  [[nodiscard]] IssueRun Issue(Engine& engine, Kind kind, std::uint64_t count,
                               std::size_t in_flight, Serial first_serial);

 private:
  using Clock = std::chrono::steady_clock;
  struct Arrival {
    Clock::time_point time;
    std::size_t end = 0;  ///< the number of replies that had arrived by then
  };
  struct Inbox {
    std::vector<TicketedReply> replies;
    std::vector<Arrival> arrivals;  ///< one for each Deliver
  };

  /// Reads the coupon of a reply from the views on the query thread, and delivers the reply again.
  void LookUp(Engine& engine, const TicketedReply& ticketed);
  /// Waits for replies. They are valid until the next call.
  const Inbox& TakeReplies();

  std::mutex mutex_;
  std::condition_variable arrived_;
  Inbox waiting_;        // guarded by mutex_
  bool sleeps_ = false;  // guarded by mutex_
  Inbox taken_;
};

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_ISSUE_CLIENT_H_

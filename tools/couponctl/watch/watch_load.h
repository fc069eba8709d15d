#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_LOAD_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_LOAD_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/watch/watch_run.h"
#include "rpc/client/call_error.h"

namespace coupond::ctl {

/// The figures of many streams of one campaign.
struct WatchFigures {
  std::uint64_t messages = 0;
  std::int64_t issued_coupons = 0;  ///< according to the newest message of all

  // Each opened stream is counted as one of the five below. A failed one may not have been opened.
  std::size_t opened = 0;  ///< received a message
  std::size_t sold_out = 0;
  std::size_t over = 0;  ///< the campaign ended or was archived
  std::size_t deleted = 0;
  std::size_t live = 0;  ///< still open
  std::size_t failed = 0;
  std::map<std::string, std::size_t> errors = {};

  /// Messages per second after the first one, over the opened streams.
  double per_second_min = 0;
  double per_second_median = 0;
  double per_second_max = 0;
  /// The longest time that a stream was without a message between its first message and its end.
  std::chrono::nanoseconds gap_max{0};
};

/// Counts the messages of many streams. One thread.
class WatchTally final : public WatchListener {
 public:
  explicit WatchTally(std::size_t streams) : streams_(streams) {}

  void OnMessage(std::size_t stream, const coupon::v1::WatchCampaignResponse& message,
                 Time now) override;
  void OnEnd(std::size_t stream, const rpc_client::StreamEnd& end, Time now) override;

  [[nodiscard]] std::size_t streams() const { return streams_.size(); }
  [[nodiscard]] std::size_t opened() const { return opened_; }
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] std::int64_t issued_coupons() const { return issued_coupons_; }
  /// The error of the stream that failed first.
  [[nodiscard]] const std::optional<rpc_client::CallError>& first_error() const {
    return first_error_;
  }
  /// Returns all figures, as if the streams that are still open ended now.
  [[nodiscard]] WatchFigures At(Time now) const;

 private:
  struct Stream {
    std::uint64_t messages = 0;
    Time first_message;
    Time last_message;
    std::optional<Time> end;
    bool failed = false;
    coupon::v1::WatchState state = coupon::v1::WATCH_STATE_UNSPECIFIED;
    std::chrono::nanoseconds gap_max{0};
  };

  /// Returns the figure that counts this stream, which has not failed.
  static std::size_t& CountOf(const Stream& stream, WatchFigures& figures);

  std::vector<Stream> streams_;
  std::size_t opened_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t sequence_ = 0;  // of the newest message
  std::int64_t issued_coupons_ = 0;
  std::map<std::string, std::size_t> errors_;
  std::optional<rpc_client::CallError> first_error_;
};

/// Watches the campaign over many streams at once, to see what that costs a server, until all have
/// ended, the time is up, or SIGINT or SIGTERM comes. Prints the figures to `context.out`. Says on
/// `context.err` when all are open, and with `live_line` shows its progress there on a line that is
/// continually redrawn. Returns kUsage if this process may not open that many files; kFailed or
/// kRefused, as for one stream, if a stream failed.
[[nodiscard]] ExitCode WatchWithManyStreams(const CommandContext& context, const WatchPlan& plan,
                                            bool live_line);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_LOAD_H_

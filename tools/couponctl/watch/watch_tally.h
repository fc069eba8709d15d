#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TALLY_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TALLY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/watch/watch_stream.h"

namespace coupond::ctl {

/// What many streams of one campaign came to.
struct WatchFigures {
  std::uint64_t messages = 0;
  std::int64_t issued_coupons = 0;  ///< as the newest message of all says

  // Every stream that was opened is one of the four; those that failed may not have been opened.
  std::size_t opened = 0;  ///< got a message
  std::size_t sold_out = 0;
  std::size_t deleted = 0;
  std::size_t live = 0;
  std::size_t failed = 0;
  std::map<std::string, std::size_t> errors = {};

  /// Of the streams that were opened: messages after the first, a second.
  double per_second_min = 0;
  double per_second_median = 0;
  double per_second_max = 0;
  /// The longest that a stream was without a message, from its first one to its end.
  std::chrono::nanoseconds gap_max{0};
};

/// Counts what comes over many streams. One thread.
class WatchTally final : public WatchListener {
 public:
  explicit WatchTally(std::size_t streams) : streams_(streams) {}

  void OnMessage(std::size_t stream, const coupon::v1::WatchCampaignResponse& message,
                 Time now) override;
  void OnEnd(std::size_t stream, const StreamEnd& end, Time now) override;

  [[nodiscard]] std::size_t streams() const { return streams_.size(); }
  [[nodiscard]] std::size_t opened() const { return opened_; }
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] std::int64_t issued_coupons() const { return issued_coupons_; }
  /// Why the first stream that failed did.
  [[nodiscard]] const std::optional<CallError>& first_error() const { return first_error_; }
  /// All of it. Streams that have not ended end `now`.
  [[nodiscard]] WatchFigures At(Time now) const;

 private:
  struct Stream {
    std::uint64_t messages = 0;
    Time first;  // message
    Time last;
    std::optional<Time> end;
    bool failed = false;
    coupon::v1::WatchState state = coupon::v1::WATCH_STATE_UNSPECIFIED;
    std::chrono::nanoseconds gap_max{0};
  };

  std::vector<Stream> streams_;
  std::size_t opened_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t sequence_ = 0;  // of the newest message
  std::int64_t issued_coupons_ = 0;
  std::map<std::string, std::size_t> errors_;
  std::optional<CallError> first_error_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TALLY_H_

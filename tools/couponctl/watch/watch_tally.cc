#include "couponctl/watch/watch_tally.h"

#include <algorithm>

namespace coupond::ctl {

void WatchTally::OnMessage(std::size_t number, const coupon::v1::WatchCampaignResponse& message,
                           Time now) {
  Stream& stream = streams_[number];
  if (stream.messages == 0) {
    ++opened_;
    stream.first = now;
  } else {
    stream.gap_max = std::max<std::chrono::nanoseconds>(stream.gap_max, now - stream.last);
  }
  stream.last = now;
  stream.state = message.state();
  ++stream.messages;
  ++messages_;
  if (message.sequence() < sequence_) return;
  sequence_ = message.sequence();
  issued_coupons_ = message.campaign().issued_coupons();
}

void WatchTally::OnEnd(std::size_t number, const StreamEnd& end, Time now) {
  Stream& stream = streams_[number];
  stream.end = now;
  stream.failed = !end.has_value();
  if (!stream.failed) return;
  const CallError& error = end.error();
  ++errors_[error.code.empty() ? error.message : error.code];
  if (!first_error_) first_error_ = error;
}

WatchFigures WatchTally::At(Time now) const {
  WatchFigures figures{.messages = messages_,
                       .issued_coupons = issued_coupons_,
                       .opened = opened_,
                       .errors = errors_};
  std::vector<double> rates;
  for (const Stream& stream : streams_) {
    figures.failed += stream.failed ? 1 : 0;
    if (stream.messages == 0) continue;
    if (!stream.failed) {
      const bool sold_out = stream.state == coupon::v1::WATCH_STATE_SOLD_OUT;
      const bool deleted = stream.state == coupon::v1::WATCH_STATE_DELETED;
      ++(sold_out ? figures.sold_out : deleted ? figures.deleted : figures.live);
    }
    const Time end = stream.end.value_or(now);
    const std::chrono::duration<double> seconds = end - stream.first;
    rates.push_back(
        stream.messages == 1 ? 0 : static_cast<double>(stream.messages - 1) / seconds.count());
    figures.gap_max =
        std::max<std::chrono::nanoseconds>({figures.gap_max, stream.gap_max, end - stream.last});
  }
  if (rates.empty()) return figures;
  std::ranges::sort(rates);
  figures.per_second_min = rates.front();
  figures.per_second_median = rates[rates.size() / 2];
  figures.per_second_max = rates.back();
  return figures;
}

}  // namespace coupond::ctl

#include "couponctl/watch/watch_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/display_text.h"
#include "common/moment_text.h"
#include "common/progress_bar.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::ctl {
namespace {

using coupon::v1::WatchCampaignResponse;

constexpr std::size_t kNameColumnsMax = 24;
constexpr std::size_t kBarCellsMax = 40;
/// A shorter bar says less than the percentage beside it.
constexpr std::size_t kBarCellsMin = 5;

struct Counts {
  std::uint64_t issued;
  std::uint64_t all;
};

// Whatever a server sends, there is something to divide by.
Counts CountsOf(const WatchCampaignResponse& message) {
  const auto& campaign = message.campaign();
  return {.issued = static_cast<std::uint64_t>(std::max(campaign.issued_coupons(), 0)),
          .all = static_cast<std::uint64_t>(std::max(campaign.total_coupons(), 1))};
}

// The rate, or before the start, when that is.
std::string PaceText(const WatchCampaignResponse& message, double per_second, Timestamp now) {
  const Timestamp start = tools::FromMessage(message.campaign().start_time());
  if (now < start) return "starts " + tools::FormatMoment(start);
  return fmt::format("{:.0f}/s", per_second);
}

std::string Name(const WatchCampaignResponse& message) {
  return Printable(message.campaign().name());
}

}  // namespace

void IssueRate::Add(Time now, std::int64_t issued_in_all) {
  counts_.push_back({.time = now, .issued = issued_in_all});
  Forget(now);
}

double IssueRate::PerSecond(Time now) {
  Forget(now);
  if (counts_.size() < 2 || now <= counts_.front().time) return 0;
  const std::chrono::duration<double> seconds = now - counts_.front().time;
  return static_cast<double>(counts_.back().issued - counts_.front().issued) / seconds.count();
}

void IssueRate::Forget(Time now) {
  while (counts_.size() >= 2 && counts_[1].time <= now - kWindow) counts_.pop_front();
}

std::string WatchBar(const WatchCampaignResponse& message, double per_second, Timestamp now,
                     std::size_t columns) {
  const auto [issued, all] = CountsOf(message);
  const std::size_t columns_max = std::max<std::size_t>(columns, 2) - 1;
  const std::string name = Shortened(Name(message), kNameColumnsMax);
  const std::string counts = fmt::format("{} of {}  {:3} %  {}", issued, all, issued * 100 / all,
                                         PaceText(message, per_second, now));
  constexpr std::string_view kAround = "  []";
  const std::size_t taken = DisplayWidth(name) + DisplayWidth(counts) + kAround.size();
  const std::size_t cells = std::min(kBarCellsMax, columns_max - std::min(taken, columns_max));
  const std::string bar = cells < kBarCellsMin ? "" : " " + tools::BarText(issued, all, cells);
  return Shortened(fmt::format("{}{} {}", name, bar, counts), columns_max);
}

std::string WatchLine(const WatchCampaignResponse& message, double per_second, Timestamp now) {
  const auto [issued, all] = CountsOf(message);
  return fmt::format("{}  {}: {} of {} issued, {} %, {}", tools::FormatMoment(now), Name(message),
                     issued, all, issued * 100 / all, PaceText(message, per_second, now));
}

std::string WatchLastLine(const WatchCampaignResponse& message) {
  const auto [issued, all] = CountsOf(message);
  switch (message.state()) {
    case coupon::v1::WATCH_STATE_SOLD_OUT:
      return fmt::format("sold out: all {} coupons of {} are issued", all, Name(message));
    case coupon::v1::WATCH_STATE_DELETED:
      return fmt::format("deleted: {} had issued {} of {} coupons", Name(message), issued, all);
    default:
      return fmt::format("no longer watched: {} has issued {} of {} coupons", Name(message), issued,
                         all);
  }
}

}  // namespace coupond::ctl

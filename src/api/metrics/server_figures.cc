#include "api/metrics/server_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

#include "api/campaign_queries.h"
#include "engine/ports/clock.h"

namespace coupond::api {
namespace {

std::string ReadWhole(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

double SecondsOf(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Returns when the machine was started, in seconds since 1970, as the clock showed it when this
/// was first called: later corrections of the clock would make each answer another one. A service
/// manager may hide /proc/stat, which has it as well.
double BootTime() {
  static const double time = SecondsOf(CLOCK_REALTIME) - SecondsOf(CLOCK_BOOTTIME);
  return time;
}

/// Sets what /proc/self/stat says: proc(5) numbers its fields from 1; the second is the program's
/// name in parentheses, which may contain anything.
void SetFromStat(ProcessFigures& figures) {
  const std::string text = ReadWhole("/proc/self/stat");
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(text.substr(name_end + 1));
  std::vector<std::string> values(std::istream_iterator<std::string>(fields), {});
  constexpr std::size_t kFirst = 3;  // the first field after the name
  constexpr std::size_t kUserTime = 14;
  constexpr std::size_t kSystemTime = 15;
  constexpr std::size_t kStartTime = 22;
  constexpr std::size_t kVirtualBytes = 23;
  constexpr std::size_t kResidentPages = 24;
  if (values.size() <= kResidentPages - kFirst) return;
  const auto number = [&values](std::size_t field) { return std::stod(values[field - kFirst]); };
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  figures.cpu_seconds = (number(kUserTime) + number(kSystemTime)) / ticks;
  figures.virtual_bytes = static_cast<std::uint64_t>(number(kVirtualBytes));
  figures.resident_bytes = static_cast<std::uint64_t>(number(kResidentPages)) * page_bytes;
  figures.start_time_seconds = BootTime() + number(kStartTime) / ticks;
}

}  // namespace

ProcessFigures ReadProcessFigures() {
  ProcessFigures figures;
  SetFromStat(figures);
  std::error_code unreadable;
  const std::filesystem::directory_iterator files("/proc/self/fd", unreadable);
  if (!unreadable) {
    // One of them is that with which this is read.
    figures.open_files = static_cast<std::uint64_t>(std::distance(begin(files), end(files))) - 1;
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.open_files_max = limit.rlim_cur;
  return figures;
}

void SetEngineFigures(const Engine& engine, ServerFigures& figures) {
  figures.fenced = engine.fenced();
  const ClockReading clock = engine.clock().Read();
  if (clock.disputed) figures.clock_ahead = clock.disputed->Since(clock.now);
  figures.queues = engine.queue_lengths();
  // The views first, so that they are never ahead.
  const std::uint64_t projected = engine.view_head().sequence().value();
  figures.head_sequence = engine.durable_sequence().value();
  figures.views_lag_events = figures.head_sequence - std::min(projected, figures.head_sequence);
  figures.recovery = engine.recovery();
}

Result<std::vector<CampaignFigures>> ReadCampaignFigures(const ViewStore& views,
                                                         const std::vector<CampaignId>& campaigns) {
  std::vector<CampaignFigures> figures;
  for (const CampaignId& id : campaigns) {
    const auto found = TRY(ReadCampaignSnapshot(views, id));
    if (!found) continue;
    const Campaign& campaign = found->campaign;
    figures.push_back({.id = id,
                       .total = campaign.terms.total_coupons,
                       .issued = campaign.issued_coupons,
                       .redeemed = campaign.redeemed_coupons,
                       .voided = campaign.voided_coupons,
                       .returned = campaign.returned_coupons});
  }
  return figures;
}

}  // namespace coupond::api

#ifndef COUPOND_API_METRICS_SERVER_FIGURES_H_
#define COUPOND_API_METRICS_SERVER_FIGURES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/engine.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"

/// The figures of a server that are looked up when they are asked for, beside those that are
/// counted (metrics.h). Plain values, which know no format.
namespace coupond::api {

/// The coupons of one campaign.
struct CampaignFigures {
  CampaignId id;
  std::int64_t total = 0;
  std::int64_t issued = 0;
  std::int64_t redeemed = 0;
  std::int64_t voided = 0;
  std::int64_t returned = 0;
};

/// This process, from /proc/self. What cannot be read is nullopt.
struct ProcessFigures {
  std::optional<double> cpu_seconds;
  std::optional<double> start_time_seconds;  ///< since 1970
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> virtual_bytes;
  std::optional<std::uint64_t> open_files;
  std::optional<std::uint64_t> open_files_max;
};

/// Any thread. Reads some small files of the kernel's.
[[nodiscard]] ProcessFigures ReadProcessFigures();

/// The requests and connections that were refused because of a limit.
struct LimitFigures {
  std::uint64_t public_calls = 0;  ///< with public keys, of one address
  std::uint64_t unknown_codes_of_address = 0;
  std::uint64_t unknown_codes_of_key = 0;
  std::uint64_t connections_of_address = 0;
};

struct ServerFigures {
  std::string version;
  bool ready = false;
  bool fenced = false;
  /// How far the machine's clock is ahead of the server's time while the two are disputed;
  /// negative: behind it.
  std::chrono::nanoseconds clock_ahead{0};
  Engine::QueueLengths queues;
  std::uint64_t head_sequence = 0;
  std::uint64_t views_lag_events = 0;
  Engine::Recovery recovery;
  std::size_t watch_streams = 0;
  LimitFigures limited;
  // Of the program around the service:
  std::size_t connections = 0;
  std::uint64_t torn_bytes = 0;                    ///< that the start left out
  std::optional<std::uint64_t> log_bytes;          ///< nullopt: they cannot be read
  std::optional<std::uint64_t> data_free_bytes;    ///< the same
  std::optional<std::chrono::sys_seconds> backup;  ///< the last that succeeded, or the epoch

  std::vector<CampaignFigures> campaigns = {};
  ProcessFigures process = {};
};

/// Sets what the engine knows.
void SetEngineFigures(const Engine& engine, ServerFigures& figures);

/// Returns the figures of the campaigns that exist. For the query thread.
[[nodiscard]] Result<std::vector<CampaignFigures>> ReadCampaignFigures(
    const ViewStore& views, const std::vector<CampaignId>& campaigns);

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_SERVER_FIGURES_H_

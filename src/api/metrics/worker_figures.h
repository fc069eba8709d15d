#ifndef COUPOND_API_METRICS_WORKER_FIGURES_H_
#define COUPOND_API_METRICS_WORKER_FIGURES_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "api/metrics/counters.h"
#include "base/error.h"
#include "engine/rules/decide.h"
#include "engine/rules/refusal.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/error.h"

namespace coupond::api {

/// How a request reached its method.
enum class CallWay : std::uint8_t { kConnect, kGrpcWeb, kShort, kPage };
inline constexpr std::size_t kCallWays = 4;
/// Returns "connect", "grpc_web", "short" or "page".
[[nodiscard]] std::string_view CallWayName(CallWay way);

/// The number of codes of an outcome: success, which is 0, and Connect's, which are their numbers.
inline constexpr std::size_t kOutcomeCodes =
    static_cast<std::size_t>(connect::Code::kUnauthenticated) + 1;

/// The number of reasons to refuse a command.
inline constexpr std::size_t kRefusalReasons =
    static_cast<std::size_t>(RefusalReason::kLogAhead) + 1;

/// Outcomes of one kind of command: done, repeated, or refused by reason. What was
/// not decided at all is counted among the rejections.
class CommandOutcomes {
 public:
  void Count(const Reply& reply);
  /// Counts a batch: each of its requests as if it had come alone. A batch that was refused as a
  /// whole, or repeated, counts as one.
  void CountBatch(const Reply& reply, const BatchResults& results);

  [[nodiscard]] std::uint64_t done() const { return done_.value(); }
  [[nodiscard]] std::uint64_t repeated() const { return repeated_.value(); }
  [[nodiscard]] std::uint64_t refused(std::size_t reason) const { return refused_[reason].value(); }

 private:
  Counter done_;
  Counter repeated_;
  std::array<Counter, kRefusalReasons> refused_;
};

/// Why a command was not decided.
enum class Rejection : std::uint8_t {
  kQueueFull,
  kStopping,
  kFenced,
  kOutcomeUnknown,
  kClockAhead
};
inline constexpr std::size_t kRejections = 5;
/// Returns "queue_full", "stopping", "fenced", "outcome_unknown" or "clock_ahead".
[[nodiscard]] std::string_view RejectionName(Rejection rejection);

/// The calls of one method.
struct MethodFigures {
  std::array<std::array<Counter, kOutcomeCodes>, kCallWays> outcomes;
  TimeHistogram duration;
};

/// What one worker counts: written on its thread, read on any.
class alignas(kCacheLineBytes) WorkerFigures {
 public:
  WorkerFigures();

  void BeginCall() { begun_.Add(); }
  /// Ends a call of the method in that row of AllMethodAccess.
  void EndCall(std::size_t method, CallWay way, std::optional<connect::Code> error,
               std::chrono::nanoseconds duration);
  void CountRejection(ErrorCode code);
  [[nodiscard]] CommandOutcomes& issues() { return issues_; }
  [[nodiscard]] CommandOutcomes& redemptions() { return redemptions_; }

  [[nodiscard]] std::uint64_t begun() const { return begun_.value(); }
  [[nodiscard]] std::uint64_t ended() const { return ended_.value(); }
  [[nodiscard]] const std::vector<MethodFigures>& methods() const { return methods_; }
  [[nodiscard]] const CommandOutcomes& issues() const { return issues_; }
  [[nodiscard]] const CommandOutcomes& redemptions() const { return redemptions_; }
  [[nodiscard]] std::uint64_t rejections(std::size_t rejection) const {
    return rejections_[rejection].value();
  }

 private:
  Counter begun_;
  Counter ended_;
  CommandOutcomes issues_;
  CommandOutcomes redemptions_;
  std::array<Counter, kRejections> rejections_;
  std::vector<MethodFigures> methods_;  // in the order of AllMethodAccess
};

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_WORKER_FIGURES_H_

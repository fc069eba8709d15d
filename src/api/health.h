#ifndef COUPOND_API_HEALTH_H_
#define COUPOND_API_HEALTH_H_

#include <atomic>
#include <memory>
#include <string>

#include "engine/engine.h"
#include "grpc/health/v1/health.pb.h"
#include "rpc/connect/call.h"
#include "rpc/connect/router.h"

/// How the server reports that it is alive and whether it accepts commands: over HTTP, for people
/// and supervisors, and as gRPC's health service.
namespace coupond::api {

/// Whether the server accepts commands. The HTTP pages and the health service both report this
/// state. Any thread.
class Readiness {
 public:
  enum class State {
    kReady,
    kFenced,    ///< a write has failed
    kReadOnly,  ///< the log ends ahead of the machine's clock
    kStopping,  ///< the server has been asked to stop
  };

  /// The engine must outlive this.
  explicit Readiness(const Engine& engine) : engine_(engine) {}

  [[nodiscard]] State state() const {
    if (engine_.fenced()) return State::kFenced;
    if (stopping_.load(std::memory_order_relaxed)) return State::kStopping;
    return engine_.log_is_ahead() ? State::kReadOnly : State::kReady;
  }
  void BeginStop() { stopping_.store(true, std::memory_order_relaxed); }
  /// Reports whether the server has been asked to stop.
  [[nodiscard]] bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  /// Reports whether a write has failed.
  [[nodiscard]] bool fenced() const { return engine_.fenced(); }
  /// Reports whether only reads are answered.
  [[nodiscard]] bool read_only() const { return engine_.log_is_ahead(); }

 private:
  const Engine& engine_;
  std::atomic<bool> stopping_{false};
};

/// The methods of grpc.health.v1.Health, for load balancers and orchestrators.
/// Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
///
/// Threads: any. The readiness must outlive this.
class HealthMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  explicit HealthMethods(const Readiness& readiness) : readiness_(readiness) {}

  /// Answers at once. All services share one engine, so each is as ready as the whole server.
  void Check(const grpc::health::v1::HealthCheckRequest& request, Call call) const;

 private:
  const Readiness& readiness_;
};

/// Adds the methods under their Connect paths. They must outlive the router.
void AddHealthMethods(connect::Router& router, const HealthMethods& methods);

/// Adds the pages for people, supervisors and load balancers: `/` describes the server, as text or,
/// if the request accepts it, as JSON; `/health` and `/healthz` report that the process is alive;
/// `/livez` reports whether it should go on, which it should not after a failed write; `/readyz`
/// reports whether it accepts commands, with `?verbose` each condition of that. None may be cached.
/// The readiness must outlive the router.
void AddStatusPages(connect::Router& router, const Readiness& readiness, std::string version);

/// Answers the request for the page `/`.
void AnswerAbout(const std::string& version, const http::Request& request,
                 http::Exchange& exchange);

}  // namespace coupond::api

#endif  // COUPOND_API_HEALTH_H_

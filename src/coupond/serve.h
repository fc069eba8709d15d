#ifndef COUPOND_COUPOND_SERVE_H_
#define COUPOND_COUPOND_SERVE_H_

#include <cstddef>

#include "api/metrics/metrics.h"
#include "base/entropy.h"
#include "coupond/kept_access.h"
#include "coupond/kept_store.h"
#include "coupond/kept_tls.h"
#include "coupond/ops_listener.h"
#include "coupond/options.h"
#include "engine/engine.h"
#include "program/service_notifier.h"
#include "program/stop_signals.h"
#include "rpc/http/bound_port.h"

namespace coupond {

/// Everything that serving needs, started. The references must outlive the call.
struct Started {
  const ServerOptions& options;
  http::BoundPort port;
  std::size_t connections_max = 0;
  KeptStore& store;
  Engine& engine;
  Entropy& entropy;
  KeptAccess& access;
  KeptTls& tls;
  api::Metrics& metrics;
  OpsListener* ops = nullptr;  ///< null: there is one listener for everything
  StopSignals& stop_signals;
  const ServiceNotifier& notifier;
};

/// Serves until a signal to stop arrives, then stops everything in order: answers the requests in
/// flight, stops the engine and closes the store. Returns the exit status. Ends the process
/// directly if a backup hangs because of its disk.
[[nodiscard]] int ServeUntilStopped(Started started);

}  // namespace coupond

#endif  // COUPOND_COUPOND_SERVE_H_

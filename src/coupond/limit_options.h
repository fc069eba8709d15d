#ifndef COUPOND_COUPOND_LIMIT_OPTIONS_H_
#define COUPOND_COUPOND_LIMIT_OPTIONS_H_

#include <cstddef>
#include <optional>

#include "api/access/ask_limits.h"
#include "rpc/http/limits.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond {

/// How often a client may ask, and how many connections a client may have.
struct LimitOptions {
  api::AskLimitOptions asking;
  /// 0 is no limit. If it was not given, there is none for clients on this machine.
  std::optional<std::size_t> connections_per_address;
};

/// Declares the options, which are read into `options`. Both must outlive `app`.
void AddLimitOptions(CLI::App& app, LimitOptions& options);

/// Sets what the options say about connections.
void SetConnectionLimits(const LimitOptions& options, http::Limits& limits);

}  // namespace coupond

#endif  // COUPOND_COUPOND_LIMIT_OPTIONS_H_

#ifndef COUPOND_COUPOND_HTTP_OPTIONS_H_
#define COUPOND_COUPOND_HTTP_OPTIONS_H_

#include <cstddef>
#include <memory>

#include "coupond/options.h"
#include "rpc/http/server.h"

namespace coupond {

/// The most connections of the listener for operation.
inline constexpr std::size_t kOpsConnectionsMax = 64;

/// Returns the options of the HTTP server that listens at `address`; without `tls`, it does not
/// encrypt.
[[nodiscard]] http::ServerOptions MakeHttpOptions(const ServerOptions& options,
                                                  const ListenAddress& address, unsigned threads,
                                                  std::size_t connections_max,
                                                  std::shared_ptr<http::TlsContext> tls);

}  // namespace coupond

#endif  // COUPOND_COUPOND_HTTP_OPTIONS_H_

#include "coupond/http_options.h"

#include <string>
#include <utility>

#include "api/refusal_mapping.h"
#include "coupond/logging.h"
#include "rpc/connect/error.h"
#include "rpc/connect/error_details.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/limits.h"

namespace coupond {
namespace {

/// Writes an error of the HTTP server itself as the service writes its own, with the option that
/// corrects it.
http::Response FormatServerError(const http::ServerError& error) {
  constexpr int kHttpMisdirected = 421;
  connect::Error answered = connect::ErrorOf(error);
  if (error.status == kHttpMisdirected) {
    answered.message += "; if it should, add the name with --host";
  }
  connect::AddStandardDetails(api::kErrorDomain, answered);
  return connect::ErrorResponse(std::move(answered), error.status);
}

}  // namespace

http::ServerOptions MakeHttpOptions(const ServerOptions& options, const ListenAddress& address,
                                    unsigned threads, std::size_t connections_max,
                                    std::shared_ptr<http::TlsContext> tls) {
  http::Limits limits;
  limits.connections_max = connections_max;
  limits.idle_timeout = options.http.idle_timeout;
  SetConnectionLimits(options.limits, limits);
  return {.address = address.host,
          .port = address.port,
          .threads = threads,
          .busy_wait = options.busy_wait,
          .limits = limits,
          .hosts = http::HostPolicy(address.host, options.http.hosts),
          .error_format = FormatServerError,
          .log = [](const std::string& line) { LoggerOf("http").warn("{}", line); },
          .tls = std::move(tls)};
}

}  // namespace coupond

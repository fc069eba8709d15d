#include <memory>

#include "greeting.pb.h"
#include "rpc/connect/error.h"
#include "rpc/connect/router.h"
#include "rpc/http/server.h"

namespace greeting {

namespace connect = coupond::connect;
namespace http = coupond::http;
using v1::GreetRequest, v1::GreetResponse;

// Each worker thread has a handler of its own, so what a handler owns needs no lock.
inline std::unique_ptr<http::Handler> MakeHandler(http::Executor& executor) {
  auto router = std::make_unique<connect::Router>(executor);
  router->AddUnary<GreetRequest, GreetResponse>(
      "/greeting.v1.GreetingService/Greet",
      [](const GreetRequest& request, std::unique_ptr<connect::UnaryCall> call) {
        if (request.name().empty()) {
          return call->Fail({.code = connect::Code::kInvalidArgument, .message = "name is empty"});
        }
        GreetResponse response;
        response.set_text("Hello, " + request.name() + "!");
        call->Finish(response);
      });
  return router;
}

// Port 0 picks a free port. Call Start() on the result; its destructor stops the server.
inline http::Server MakeServer(std::uint16_t port) {
  return http::Server({.port = port, .error_format = connect::ServerErrorResponse}, MakeHandler);
}

}  // namespace greeting

#ifndef COUPOND_RPC_CONNECT_ROUTER_H_
#define COUPOND_RPC_CONNECT_ROUTER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rpc/connect/call.h"
#include "rpc/connect/cors.h"
#include "rpc/connect/method.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class Message;
}

namespace coupond::connect {

/// Leads each path to its method, and refuses requests that reach none. Serves the Connect protocol
/// over HTTP/1.1 (https://connectrpc.com/docs/protocol): unary calls, also as GET, and streams of
/// responses; and gRPC-Web.
///
/// Each worker has its own router, for the worker's thread only. Add all routes before the first
/// request; adding one twice is a bug.
class Router final : public http::Handler {
 public:
  /// The request is valid during the function only. The call is answered then or later.
  template <typename Request>
  using UnaryHandler = std::function<void(const Request& request, std::unique_ptr<UnaryCall> call)>;
  template <typename Request>
  using StreamHandler =
      std::function<void(const Request& request, std::unique_ptr<StreamCall> call)>;
  /// The request is valid during the function only.
  using GetHandler =
      std::function<void(const http::Request& request, std::shared_ptr<http::Exchange> exchange)>;
  /// `segment` is the part of the path that differs, as sent. Both are valid during the function
  /// only.
  using SegmentGetHandler =
      std::function<void(const http::Request& request, std::string_view segment,
                         std::shared_ptr<http::Exchange> exchange)>;

  /// The executor is the worker's, and must outlive the router and its calls. `pages` says which
  /// web pages may call methods with side effects; without it, only those of the server's own
  /// origin.
  explicit Router(http::Executor& executor, MethodLimits limits = {},
                  std::shared_ptr<const CorsPolicy> pages = nullptr);
  ~Router() override;

  /// Puts an interceptor around every call, inside those that were added before. Call it before the
  /// first request, as the functions that add routes.
  void AddInterceptor(std::shared_ptr<Interceptor> interceptor);

  /// Gives all errors the standard details (error_details.h), with reasons of this domain, a
  /// constant. Call it before the first request.
  void SetErrorDomain(std::string_view domain) { host_.error_domain = domain; }

  /// Adds a unary method: path "/package.Service/Method". If the .proto file says that it has no
  /// side effects (idempotency_level = NO_SIDE_EFFECTS), it may be called with GET as well.
  /// `large` is for a method whose requests are larger than those of the others.
  template <typename Request, typename Response>
  void AddUnary(std::string path, UnaryHandler<Request> handler,
                const std::optional<LargeMessages>& large = std::nullopt) {
    AddMethod<Request, Response, UnaryCall>(std::move(path), MethodKind::kUnary, std::move(handler),
                                            {}, large);
  }

  /// Adds a method that answers with a stream.
  template <typename Request, typename Response>
  void AddServerStream(std::string path, StreamHandler<Request> handler) {
    AddMethod<Request, Response, StreamCall>(std::move(path), MethodKind::kServerStream,
                                             std::move(handler));
  }

  /// Adds a unary method for people with a plain HTTP client: any path, POST, JSON only; the
  /// content type may be left out. If the path is another way to a method in the .proto file,
  /// `method` is the path of that method, which says whether there are side effects.
  template <typename Request, typename Response>
  void AddPlainJson(std::string path, UnaryHandler<Request> handler, std::string method = {}) {
    AddMethod<Request, Response, UnaryCall>(std::move(path), MethodKind::kPlainJson,
                                            std::move(handler), std::move(method));
  }

  /// Adds a page, such as /healthz. HEAD is answered like GET: the HTTP server leaves the body out.
  void AddGet(std::string path, GetHandler handler);

  /// Adds the pages whose paths differ in one segment: `before`, then anything that is not empty
  /// and has no slash, then `after`. "/campaigns/" and "/coupons.csv" are the paths
  /// /campaigns/{id}/coupons.csv. The segment is not percent-decoded, so it suits ids and no free
  /// text. A path that was added as a whole goes first, then the pages in the order of their
  /// addition.
  void AddGetWithSegment(std::string before, std::string after, SegmentGetHandler handler);

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override;
  /// A method's body may exceed the method's limit for messages by as much as the usual body may
  /// exceed the usual message.
  [[nodiscard]] std::size_t BodyBytesMax(const http::Request& head,
                                         std::size_t usual_bytes_max) override;
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message) override;

 private:
  struct Route {
    std::unique_ptr<Method> method;
    GetHandler get;
  };

  struct SegmentRoute {
    std::string before;
    std::string after;
    SegmentGetHandler get;
  };

  struct PathHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view path) const {
      return std::hash<std::string_view>()(path);
    }
  };

  /// Answers a request for a path that was not added as a whole.
  void HandleSegment(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                     bool is_get);

  template <typename Request, typename Response, typename SomeCall, typename Handler>
  void AddMethod(std::string path, MethodKind kind, Handler handler, std::string method = {},
                 const std::optional<LargeMessages>& large = std::nullopt) {
    if (method.empty()) method = path;
    AddMethod(
        std::move(path), kind, method, Request::default_instance(), Response::default_instance(),
        [handler = std::move(handler)](const google::protobuf::Message& request,
                                       CallStart&& start) {
          handler(static_cast<const Request&>(request),
                  std::make_unique<SomeCall>(std::move(start)));
        },
        large);
  }
  void AddMethod(std::string path, MethodKind kind, std::string_view method,
                 const google::protobuf::Message& request,
                 const google::protobuf::Message& response, MethodHandler handler,
                 const std::optional<LargeMessages>& large);

  MethodHost host_;
  const std::shared_ptr<const CorsPolicy> pages_;
  std::unordered_map<std::string, Route, PathHash, std::equal_to<>> routes_;
  std::vector<SegmentRoute> segment_routes_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ROUTER_H_

#ifndef COUPOND_API_CONNECT_ROUTER_H_
#define COUPOND_API_CONNECT_ROUTER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "api/connect/json_format.h"
#include "api/connect/unary.h"
#include "api/http/handler.h"

namespace google::protobuf {
class Message;
}

/// Which path leads to which method, and all that is refused before a method is reached.
/// Source: https://connectrpc.com/docs/protocol, HTTP/1.1, unary calls.
namespace coupond::connect {

/// Each worker has its own, used on the worker's thread only. Routes are added before the first
/// request; adding one twice is a bug.
class Router final : public http::Handler {
 public:
  /// The request is valid during the call only. The call is answered then or later.
  template <typename Request>
  using UnaryHandler = std::function<void(const Request& request, std::unique_ptr<UnaryCall> call)>;
  /// The request is valid during the call only.
  using GetHandler =
      std::function<void(const http::Request& request, std::shared_ptr<http::Exchange> exchange)>;

  Router();
  ~Router() override;

  /// A Connect method: path "/package.Service/Method", protobuf and JSON.
  template <typename Request, typename Response>
  void AddUnary(std::string path, UnaryHandler<Request> handler) {
    AddMethod<Request, Response>(std::move(path), Audience::kConnect, std::move(handler));
  }

  /// The same for people with a plain HTTP client: any path, JSON only, the content type may be
  /// left out.
  template <typename Request, typename Response>
  void AddPlainJson(std::string path, UnaryHandler<Request> handler) {
    AddMethod<Request, Response>(std::move(path), Audience::kPlainJson, std::move(handler));
  }

  /// A page of its own making, such as /healthz. HEAD is answered like GET: leaving the body out is
  /// the HTTP server's part.
  void AddGet(std::string path, GetHandler handler);

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override;

 private:
  using Message = google::protobuf::Message;

  enum class Audience { kConnect, kPlainJson };

  struct Method {
    Audience audience = Audience::kConnect;
    const Message* request_prototype = nullptr;
    std::shared_ptr<const JsonFormat> request_format;
    std::shared_ptr<const JsonFormat> response_format;
    UnaryHandler<Message> handler;
    /// A request that was handled, kept so that the next one need not allocate its strings again.
    std::unique_ptr<Message> spare_request;
  };

  struct Route {
    std::unique_ptr<Method> post;
    GetHandler get;
  };

  struct PathHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view path) const {
      return std::hash<std::string_view>()(path);
    }
  };

  template <typename Request, typename Response>
  void AddMethod(std::string path, Audience audience, UnaryHandler<Request> handler) {
    AddMethod(
        std::move(path), audience, Request::default_instance(), Response::default_instance(),
        [handler = std::move(handler)](const Message& request, std::unique_ptr<UnaryCall> call) {
          handler(static_cast<const Request&>(request), std::move(call));
        });
  }
  void AddMethod(std::string path, Audience audience, const Message& request,
                 const Message& response, UnaryHandler<Message> handler);

  static void HandleCall(Method& method, const http::Request& request,
                         std::shared_ptr<http::Exchange> exchange);
  /// The codec that the content type names, as far as the audience may use it.
  static std::optional<Codec> CodecFor(Audience audience,
                                       std::optional<std::string_view> content_type);

  std::unordered_map<std::string, Route, PathHash, std::equal_to<>> routes_;
};

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_ROUTER_H_

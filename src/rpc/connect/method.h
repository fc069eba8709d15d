#ifndef COUPOND_RPC_CONNECT_METHOD_H_
#define COUPOND_RPC_CONNECT_METHOD_H_

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/connect/call.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/connect/protocol.h"
#include "rpc/http/handler.h"
#include "rpc/json/json_format.h"
#include "rpc/json/json_reader.h"

namespace google::protobuf {
class Message;
}

/// One method of a service: turns the bytes of a request into a call of the handler.
namespace coupond::connect {

struct MethodLimits {
  /// The largest request message, uncompressed. HTTP's limit for the body should be somewhat
  /// larger, so that a message that is not much too large is refused in the request's own protocol.
  std::size_t message_bytes_max = 64 * 1024;
  /// Smaller responses are not compressed, even if the client accepts that.
  std::size_t compress_bytes_min = 1024;
};

/// The request messages of a method that takes larger ones than others.
struct LargeMessages {
  std::size_t bytes_max = 0;  ///< uncompressed
  /// The greatest number of values in one. Each takes some 50 bytes of memory however short it is,
  /// and a large message has room for a million, and a few kilobytes of gzip can unpack to
  /// that.
  std::size_t values_max = 0;
};

/// The things that all methods of a router share.
struct MethodHost {
  http::Executor& executor;
  const MethodLimits limits;
  std::shared_ptr<const Interceptors> interceptors = {};  ///< null if there are none
  bool follows_calls = false;                             ///< an interceptor needs their end
  std::string_view error_domain = {};                     ///< see error_details.h
  /// Memory for the calls that are followed.
  const std::shared_ptr<BlockCache> call_memory = std::make_shared<BlockCache>();
};

/// Handles a call. The request is valid during this function only.
using MethodHandler =
    std::function<void(const google::protobuf::Message& request, CallStart&& start)>;

/// A method on the server. Errors are answered in the request's own protocol. Worker's thread only.
class Method {
 public:
  /// `path` is "/package.Service/Method". The .proto file says whether the method has side effects;
  /// a method that is not in it counts as having them. The prototypes must outlive this; generated
  /// ones do. `large` replaces MethodLimits::message_bytes_max.
  Method(std::string_view path, MethodKind kind, const google::protobuf::Message& request,
         const google::protobuf::Message& response, MethodHandler handler,
         const std::optional<LargeMessages>& large = std::nullopt);
  ~Method();
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;

  /// Reports whether the method may be called with GET: it is unary and has no side effects.
  [[nodiscard]] bool allows_get() const {
    return descriptor_->kind == MethodKind::kUnary && !descriptor_->has_side_effects;
  }
  [[nodiscard]] bool has_side_effects() const { return descriptor_->has_side_effects; }
  /// Returns how large a request message may be, uncompressed.
  [[nodiscard]] std::size_t MessageBytesMax(const MethodHost& host) const {
    return large_ ? large_->bytes_max : host.limits.message_bytes_max;
  }

  void HandlePost(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                  const MethodHost& host);
  void HandleGet(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                 const MethodHost& host);
  /// Asks the interceptors whether the body of a POST may be longer than usual.
  [[nodiscard]] std::expected<void, Error> BeforeLargeBody(const http::Request& head,
                                                           const MethodHost& host) const;
  /// Returns the response to a POST whose body is over HTTP's limit: an error with `message` in the
  /// request's protocol, or `plain` where the protocol uses HTTP's own status, as Connect's unary
  /// calls do.
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message, const MethodHost& host) const;
  /// Returns the error of a POST that is not processed any further, in the request's protocol.
  [[nodiscard]] http::Response Refuse(const http::Request& request, Error error,
                                      const MethodHost& host) const;

 private:
  /// A request message as received.
  struct Packed {
    std::string_view bytes;
    Compression compression = Compression::kIdentity;
    std::size_t unpacked_bytes_max = 0;
  };

  /// Returns the message of a POST, or the client's error.
  [[nodiscard]] static std::expected<Packed, Error> ReadPost(const http::Request& request,
                                                             const CallTerms& terms,
                                                             const Strictness& strictness,
                                                             bool has_envelope,
                                                             std::size_t bytes_max);
  /// Returns the dialect of a POST, or nullopt if the method does not speak it.
  [[nodiscard]] std::optional<Dialect> DialectFor(std::string_view content_type) const;
  [[nodiscard]] std::optional<Dialect> DialectFor(const CallHeaders& headers) const;
  [[nodiscard]] std::string AcceptedTypes() const;
  [[nodiscard]] AnswerFormat FormatOf(const Dialect& dialect, const MethodHost& host) const;
  /// Returns how strictly a request with these terms is read.
  [[nodiscard]] Strictness StrictnessOf(const CallTerms& terms) const;
  /// Returns the call of a request whose headers have been read.
  [[nodiscard]] CallStart StartOf(const http::Request& request,
                                  std::shared_ptr<http::Exchange> exchange, AnswerFormat format,
                                  const CallHeaders& headers, const CallTerms& terms,
                                  const MethodHost& host) const;
  /// Runs the interceptors. Returns false if one of them refused the call, which is answered then.
  [[nodiscard]] static bool PassInterceptors(const http::Request& request, CallStart& start,
                                             const MethodHost& host);
  /// Decompresses and decodes the message and calls the handler, or answers with an error.
  void Invoke(const Packed& packed, const Strictness& strictness, CallStart&& start);

  const std::shared_ptr<const MethodDescriptor> descriptor_;  ///< shared with the calls' contexts
  const google::protobuf::Message& request_prototype_;
  const JsonFormat request_format_;
  const std::shared_ptr<const JsonFormat> response_format_;
  const MethodHandler handler_;
  const std::optional<LargeMessages> large_;
  /// The message of an earlier request, kept so that the next one can reuse its strings.
  std::unique_ptr<google::protobuf::Message> spare_request_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_METHOD_H_

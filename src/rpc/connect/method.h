#ifndef COUPOND_RPC_CONNECT_METHOD_H_
#define COUPOND_RPC_CONNECT_METHOD_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/connect/call.h"
#include "rpc/connect/call_headers.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/http/handler.h"
#include "rpc/json/json_format.h"
#include "rpc/json/json_reader.h"

namespace google::protobuf {
class Message;
}

/// One method: from the bytes of a request to the call of its handler.
namespace coupond::connect {

struct MethodLimits {
  /// The largest request message, uncompressed. HTTP's limit for what travels should be somewhat
  /// more, so that a message that is too large is refused in the protocol's own way, unless it is
  /// huge.
  std::size_t message_bytes_max = 64 * 1024;
  /// Smaller messages are answered as they are, though the client takes compressed ones.
  std::size_t compress_bytes_min = 1024;
};

/// What all methods of a router share.
struct MethodHost {
  http::Executor& executor;
  const MethodLimits limits;
  std::shared_ptr<const Interceptors> interceptors = {};  ///< null if there are none
};

/// The request is valid during the call only.
using MethodHandler =
    std::function<void(const google::protobuf::Message& request, CallStart&& start)>;

/// Worker's thread only. What is wrong with a request is answered in the request's own protocol.
class Method {
 public:
  /// The .proto file says whether "/package.Service/Method" has side effects; what it does not know
  /// has. The prototypes must outlive this; generated ones do.
  Method(std::string_view path, MethodKind kind, const google::protobuf::Message& request,
         const google::protobuf::Message& response, MethodHandler handler);
  ~Method();
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;

  /// Unary and without side effects.
  [[nodiscard]] bool allows_get() const {
    return descriptor_->kind == MethodKind::kUnary && !descriptor_->has_side_effects;
  }
  [[nodiscard]] bool has_side_effects() const { return descriptor_->has_side_effects; }

  void HandlePost(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                  const MethodHost& host);
  void HandleGet(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                 const MethodHost& host);
  /// Returns the answer to a POST whose body is over HTTP's limit, with `message` as the request's
  /// protocol tells errors; `plain` if it has HTTP's own status for that, as Connect's unary calls
  /// do.
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message,
                                            const MethodLimits& limits) const;
  /// The error of a POST that was not looked at any further, as the request's protocol tells
  /// errors.
  [[nodiscard]] http::Response Refuse(const http::Request& request, Error error,
                                      const MethodLimits& limits) const;

 private:
  /// A request message as it travels.
  struct Packed {
    std::string_view bytes;
    Compression compression = Compression::kIdentity;
    std::size_t unpacked_bytes_max = 0;
  };

  /// The dialect of a POST, as far as the method speaks it.
  [[nodiscard]] std::optional<Dialect> DialectFor(std::string_view content_type) const;
  [[nodiscard]] std::optional<Dialect> DialectFor(const CallHeaders& headers) const;
  [[nodiscard]] std::string AcceptedTypes() const;
  [[nodiscard]] AnswerFormat FormatOf(const Dialect& dialect, const MethodLimits& limits) const;
  /// How strictly a request is read that has agreed on the terms.
  [[nodiscard]] Strictness StrictnessOf(const CallTerms& terms) const;
  /// Returns the call of a request whose headers have been understood.
  [[nodiscard]] CallStart StartOf(const http::Request& request,
                                  std::shared_ptr<http::Exchange> exchange, AnswerFormat format,
                                  const CallTerms& terms, const MethodHost& host) const;
  /// Has the interceptors look at the call. Returns false if one of them refused it, and answered.
  [[nodiscard]] static bool PassInterceptors(const http::Request& request, CallStart& start,
                                             const MethodHost& host);
  /// Decompresses, decodes, and calls the handler; or answers what is wrong.
  void Invoke(const Packed& packed, const Strictness& strictness, CallStart&& start);

  const std::shared_ptr<const MethodDescriptor> descriptor_;  ///< shared with the calls' contexts
  const google::protobuf::Message& request_prototype_;
  const JsonFormat request_format_;
  const std::shared_ptr<const JsonFormat> response_format_;
  const MethodHandler handler_;
  /// A request that was handled, kept so that the next one need not allocate its strings again.
  std::unique_ptr<google::protobuf::Message> spare_request_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_METHOD_H_

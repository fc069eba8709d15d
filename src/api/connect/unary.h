#ifndef COUPOND_API_CONNECT_UNARY_H_
#define COUPOND_API_CONNECT_UNARY_H_

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/connect/codec.h"
#include "api/connect/error.h"
#include "api/connect/json_format.h"
#include "api/http/handler.h"

namespace google::protobuf {
class Message;
}

/// One call with one request and one response.
namespace coupond::connect {

/// A part in the call's codec, or why it could not be written.
using EncodedPart = std::expected<std::string, std::string>;

/// Turns a part into bytes. May be copied, kept, and called on any thread and several at once.
using EncodePart = std::function<EncodedPart(const google::protobuf::Message& part)>;

/// Makes a long answer part by part. A part is a message of the response's type that holds only
/// elements of the one repeated field; it may hold none.
class PartSource {
 public:
  virtual ~PartSource() = default;

  using Progress = http::BodySource::Progress;
  /// With kMore and kEnd the part is sent. A part that could not be encoded may be delivered as it
  /// is; it ends the call like kFailed does.
  using Deliver = std::move_only_function<void(Progress progress, EncodedPart part)>;

  /// Asks for the next part, which is delivered once, on the worker's thread, now or later. Making
  /// the message and encoding it may happen elsewhere. Asked again only when the part before has
  /// been sent.
  virtual void Next(const EncodePart& encode, Deliver deliver) = 0;
};

/// Answered exactly once, on the worker's thread, during the handler's call or at any time after
/// it. A call that is destroyed unanswered, also on the worker's thread, answers `internal`.
class UnaryCall {
 public:
  UnaryCall(std::shared_ptr<http::Exchange> exchange, Codec codec,
            std::shared_ptr<const JsonFormat> response_format,
            std::optional<std::chrono::milliseconds> timeout);
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;
  ~UnaryCall();

  /// How long the client will wait, from when the call came; nothing if it did not say.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const { return timeout_; }

  /// The response must be of the method's response type.
  void Finish(const google::protobuf::Message& response);
  void Fail(Error error);
  /// Answers with a response that nobody holds whole: `first` has all fields and perhaps some
  /// elements of the repeated field; `parts` brings the others. In protobuf the parts follow one
  /// another, which by the wire format is one message; in JSON the field is written last.
  void FinishInParts(const google::protobuf::Message& first, int repeated_field_number,
                     std::unique_ptr<PartSource> parts);

 private:
  /// Gives the exchange away: the call is answered from then on.
  [[nodiscard]] std::shared_ptr<http::Exchange> TakeExchange();
  [[nodiscard]] http::Response Success(std::string body) const;
  /// The response must be of the method's type.
  void CheckType(const google::protobuf::Message& response) const;

  std::shared_ptr<http::Exchange> exchange_;  ///< null once the call is answered
  Codec codec_;
  std::shared_ptr<const JsonFormat> response_format_;
  std::optional<std::chrono::milliseconds> timeout_;
};

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_UNARY_H_

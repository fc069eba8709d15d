#ifndef COUPOND_RPC_CONNECT_PARTS_H_
#define COUPOND_RPC_CONNECT_PARTS_H_

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rpc/connect/answer.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/error.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

/// Responses that are made part by part, because they are too large to be held whole.
namespace coupond::connect {

using PartProgress = http::BodySource::Progress;

/// A part as it travels, or why there is none.
using EncodedPart = std::expected<std::string, Error>;

/// Turns a part into bytes; the progress says whether it is the last one. Each part goes through it
/// once, in order. It may be copied, kept, and called on any thread, but on one at a time.
using EncodePart =
    std::function<EncodedPart(PartProgress progress, const google::protobuf::Message& part)>;

/// Makes a long answer part by part. A part is a message of the response's type that holds only
/// elements of the one repeated field; it may hold none.
class PartSource {
 public:
  virtual ~PartSource() = default;

  using Progress = PartProgress;
  /// With kMore and kEnd the part is sent. kFailed comes with an error, which is told if nothing
  /// has been sent yet; a part that could not be encoded may be delivered as it is and ends the
  /// call, too.
  using Deliver = std::move_only_function<void(Progress progress, EncodedPart part)>;

  /// Asks for the next part, which is delivered once, on the worker's thread, now or later. Making
  /// the message and encoding it may happen elsewhere. Asked again only when the part before has
  /// been sent.
  virtual void Next(const EncodePart& encode, Deliver deliver) = 0;
};

/// Writes the parts of one answer so that together they are one message. It knows what came before,
/// so all parts go through the same one, in order; on one thread at a time.
class PartEncoder {
 public:
  PartEncoder(AnswerFormat format, int repeated_field_number);

  /// All of the message, in JSON with the repeated field last and open.
  [[nodiscard]] EncodedPart EncodeFirst(const google::protobuf::Message& first);
  [[nodiscard]] EncodedPart Encode(PartProgress progress, const google::protobuf::Message& part);

  /// Whether the whole is compressed as one. Within an envelope it is not, because the envelope
  /// says whether it is.
  [[nodiscard]] bool compresses() const { return gzip_.has_value(); }

 private:
  [[nodiscard]] EncodedPart EncodeElements(const google::protobuf::Message& part);

  const AnswerFormat format_;
  const int repeated_field_number_;
  /// In JSON each element but the very first has a comma before it.
  bool list_is_empty_ = true;
  std::optional<GzipStream> gzip_;
};

/// The body after EncodeFirst's bytes.
[[nodiscard]] std::unique_ptr<http::BodySource> MakePartsBody(std::shared_ptr<PartEncoder> encoder,
                                                              std::unique_ptr<PartSource> parts);

/// What a call may hold in memory: about what the largest pages of other methods have, so that
/// clients who do not read cost no more here.
inline constexpr std::size_t kGatheredBytesMax = 256 * 1024;

/// A response in parts for a protocol that must know its length before its first byte: asks for all
/// parts, one after the other, and then answers with the whole message. Not compressed, because
/// that would keep the worker busy.
///
/// Lives in the callback of the part that it waits for; dropped there, it drops the exchange, which
/// answers for itself. Worker's thread.
class GatheredParts : public std::enable_shared_from_this<GatheredParts> {
 public:
  /// Where the answer goes and how it is written.
  struct Answer {
    std::shared_ptr<http::Exchange> exchange;
    AnswerFormat format;
    AnswerMetadata metadata;
    std::shared_ptr<PartEncoder> encoder;
  };

  /// `first` is what the encoder made of the first part.
  GatheredParts(Answer answer, std::string first, std::unique_ptr<PartSource> parts);

  /// A timer that may call Fail; held until the call is answered.
  void SetDeadline(std::unique_ptr<http::Timer> deadline) { deadline_ = std::move(deadline); }
  /// Answers with `resource_exhausted` if the message grows past the limit, with the part's error
  /// if one fails.
  void Gather();
  /// Answers at once, unless that has been done.
  void Fail(Error error);

 private:
  void Take(PartProgress progress, EncodedPart part);
  void Finish();
  [[nodiscard]] std::shared_ptr<http::Exchange> TakeExchange();

  Answer answer_;
  std::string message_;
  const std::unique_ptr<PartSource> parts_;
  std::unique_ptr<http::Timer> deadline_;
  bool more_ = true;      // there are parts to ask for
  bool arrived_ = false;  // the part that was asked for last
  bool asking_ = false;   // inside of Gather
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_PARTS_H_

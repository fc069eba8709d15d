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

/// Responses that are made part by part, because they are too large to be held as a whole.
namespace coupond::connect {

using PartProgress = http::BodySource::Progress;

/// The bytes of a part, or the reason why there is none.
using EncodedPart = std::expected<std::string, Error>;

/// Encodes a part; the progress says whether it is the last one. Called once for each part, in
/// order. It may be copied, kept, and called on any thread, but on one at a time.
using EncodePart =
    std::function<EncodedPart(PartProgress progress, const google::protobuf::Message& part)>;

/// Makes a long response part by part. A part is a message of the response's type that has only
/// elements of the repeated field; it may have none.
class PartSource {
 public:
  virtual ~PartSource() = default;

  using Progress = PartProgress;
  /// With kMore and kEnd the part is sent. kFailed comes with an error, which is sent if nothing
  /// else has been sent yet. A part that could not be encoded may be delivered as it is; it ends
  /// the call, too.
  using Deliver = std::move_only_function<void(Progress progress, EncodedPart part)>;

  /// Asks for the next part, which is delivered once, on the worker's thread, now or later. Making
  /// the message and encoding it may happen elsewhere. Asked again only when the part before has
  /// been sent.
  virtual void Next(const EncodePart& encode, Deliver deliver) = 0;
};

/// Encodes the parts of one response so that together they form one message. What it writes depends
/// on the parts before, so it must encode all parts of the response, in order. For one thread at a
/// time.
class PartEncoder {
 public:
  PartEncoder(AnswerFormat format, int repeated_field_number);

  /// Encodes all of the message, in JSON with the repeated field last and left open.
  [[nodiscard]] EncodedPart EncodeFirst(const google::protobuf::Message& first);
  [[nodiscard]] EncodedPart Encode(PartProgress progress, const google::protobuf::Message& part);

  /// Reports whether the response is compressed as a whole. Within an envelope it is not: an
  /// envelope has a flag for that.
  [[nodiscard]] bool compresses() const { return gzip_.has_value(); }

 private:
  [[nodiscard]] EncodedPart EncodeElements(const google::protobuf::Message& part);

  const AnswerFormat format_;
  const int repeated_field_number_;
  /// In JSON each element except the first has a comma before it.
  bool list_is_empty_ = true;
  std::optional<GzipStream> gzip_;
};

/// Returns the body that follows EncodeFirst's bytes.
[[nodiscard]] std::unique_ptr<http::BodySource> MakePartsBody(std::shared_ptr<PartEncoder> encoder,
                                                              std::unique_ptr<PartSource> parts);

/// The most that a call holds in memory: about as much as the largest pages of other methods, so
/// that clients that do not read cost no more here.
inline constexpr std::size_t kGatheredBytesMax = 256 * 1024;

/// A response in parts for a protocol that sends the length first: asks for all parts, one after
/// the other, and then answers with the whole message. It is not compressed, because that would
/// keep the worker busy.
///
/// It is kept alive by the callback of the part that it waits for. If that is dropped, the exchange
/// is dropped with it and answers for itself. Worker's thread only.
class GatheredParts : public std::enable_shared_from_this<GatheredParts> {
 public:
  /// The destination and format of the response.
  struct Answer {
    std::shared_ptr<http::Exchange> exchange;
    AnswerFormat format;
    AnswerMetadata metadata;
    std::shared_ptr<PartEncoder> encoder;
  };

  /// `first` is the first part, encoded.
  GatheredParts(Answer answer, std::string first, std::unique_ptr<PartSource> parts,
                std::size_t bytes_max = kGatheredBytesMax);

  /// Keeps a timer that may call Fail until the call is answered.
  void SetDeadline(std::unique_ptr<http::Timer> deadline) { deadline_ = std::move(deadline); }
  /// Asks for the parts. Answers with the message, with `resource_exhausted` if it grows past the
  /// limit, or with the error of a part that fails.
  void Gather();
  /// Answers with the error at once, unless the call has been answered.
  void Fail(Error error);

 private:
  void Take(PartProgress progress, EncodedPart part);
  void Finish();
  [[nodiscard]] std::shared_ptr<http::Exchange> TakeExchange();

  Answer answer_;
  std::string message_;
  const std::unique_ptr<PartSource> parts_;
  const std::size_t bytes_max_;
  std::unique_ptr<http::Timer> deadline_;
  bool more_ = true;      // there are parts to ask for
  bool arrived_ = false;  // the part that was asked for last has been delivered
  bool asking_ = false;   // inside Gather
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_PARTS_H_

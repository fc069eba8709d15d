#ifndef COUPOND_RPC_CONNECT_PARTS_BODY_H_
#define COUPOND_RPC_CONNECT_PARTS_BODY_H_

#include <memory>
#include <optional>

#include "rpc/connect/answer.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/parts.h"

/// A response in parts as the body of an HTTP answer.
namespace coupond::connect {

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

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_PARTS_BODY_H_

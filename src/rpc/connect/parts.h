#ifndef COUPOND_RPC_CONNECT_PARTS_H_
#define COUPOND_RPC_CONNECT_PARTS_H_

#include <expected>
#include <functional>
#include <string>

#include "rpc/connect/error.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class Message;
}

/// A response that is made part by part, because nobody can hold it whole.
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

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_PARTS_H_

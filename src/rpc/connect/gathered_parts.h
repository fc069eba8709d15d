#ifndef COUPOND_RPC_CONNECT_GATHERED_PARTS_H_
#define COUPOND_RPC_CONNECT_GATHERED_PARTS_H_

#include <cstddef>
#include <memory>
#include <string>

#include "rpc/connect/answer.h"
#include "rpc/connect/parts_body.h"

namespace coupond::connect {

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

#endif  // COUPOND_RPC_CONNECT_GATHERED_PARTS_H_

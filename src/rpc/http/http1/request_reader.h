#ifndef COUPOND_RPC_HTTP_HTTP1_REQUEST_READER_H_
#define COUPOND_RPC_HTTP_HTTP1_REQUEST_READER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rpc/http/handler.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/http1/rejection.h"
#include "rpc/http/http1/request_message.h"
#include "rpc/http/limits.h"

namespace coupond::http {

/// Turns the bytes of one connection into requests, one after the other (RFC 9112). Does no I/O.
///
/// Memory is bounded: one buffer of fixed size, in which a header block stays where it was read so
/// that header views need no copies, as does a body that was read at once; and any other body up to
/// its limit. For one thread.
class RequestReader {
 public:
  /// Both must outlive this. Without a `grant`, no body may be longer than the limits say.
  RequestReader(const Limits& limits, const HostPolicy& hosts, BodyGrant grant = {});
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Returns the space for the next bytes from the socket. It is not empty unless a request was
  /// rejected.
  [[nodiscard]] std::span<char> Space();
  /// Notes that `bytes` bytes have been read into the space.
  void Commit(std::size_t bytes);

  enum class Progress { kNeedMore, kWhole, kRejected };
  /// Parses what has been committed. After kRejected nothing more can be parsed; what has been read
  /// of the request remains, without its body.
  [[nodiscard]] Progress Parse();

  /// The part of the current request that is being read.
  enum class Phase { kNothing, kHeader, kBody };
  [[nodiscard]] Phase phase() const;
  /// Reports, at most once per request, that the client waits for "100 Continue" before it sends
  /// the body.
  [[nodiscard]] bool TakeContinueWish();

  /// Returns the request, whose views point into this reader and are valid until Next. Call it
  /// after kWhole, or after a body was rejected.
  [[nodiscard]] Request request() const;
  // Valid after the request line has been read:
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http10() const;
  [[nodiscard]] bool is_head() const;
  /// Reports whether the client accepts trailer fields (RFC 9110, section 10.1.4).
  [[nodiscard]] bool AcceptsTrailers() const;

  /// Returns how many bytes the body may have. Call it after a body was rejected.
  [[nodiscard]] std::size_t body_bytes_max() const { return message_->body_bytes_max(); }

  /// Returns the host that the request is for. Empty if it is unknown.
  [[nodiscard]] std::string_view authority() const;

  /// Frees the memory of a body that is not in the buffer. Its views must not be used any more.
  void DropBody() { body_ = std::string(); }

  /// Returns the reason of kRejected.
  [[nodiscard]] Rejection rejection() const { return rejection_; }

  /// Returns the whole buffer, for bytes that will not be parsed. After this, nothing else of the
  /// reader may be used.
  [[nodiscard]] std::span<char> Scratch();

  /// Forgets the request. Bytes that follow it are kept for the next one.
  void Next();

 private:
  Progress Reject(Rejection rejection);
  [[nodiscard]] bool MakeRoom();

  const Limits& limits_;
  const HostPolicy& host_policy_;
  const BodyGrant grant_;
  const std::size_t capacity_;
  const std::unique_ptr<char[]> buffer_;
  // The request begins at begin_; the bytes up to parsed_ have been parsed, those up to end_ read.
  std::size_t begin_ = 0;
  std::size_t parsed_ = 0;
  std::size_t end_ = 0;
  std::size_t header_end_ = 0;  // valid once the header block is complete
  std::vector<HeaderField> fields_;
  std::string body_;           // unless it stays in the buffer
  std::string accepted_host_;  // the last host that was accepted on this connection
  std::optional<RequestMessage> message_;
  bool continue_wish_taken_ = false;
  Rejection rejection_ = Rejection::kNotHttp;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REQUEST_READER_H_

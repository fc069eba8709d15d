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

/// Turns the bytes of one connection into requests, one after the other (RFC 9112). No I/O.
///
/// Memory is bounded: one buffer of fixed size, in which a header block stays where it was read so
/// that header views need no copies, and a body up to its limit. One thread.
class RequestReader {
 public:
  /// Both outlive this.
  RequestReader(const Limits& limits, const HostPolicy& hosts);
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Where the next bytes from the socket go; not empty unless a request was rejected. Then Commit
  /// says how many they were.
  [[nodiscard]] std::span<char> Space();
  void Commit(std::size_t bytes);

  enum class Progress { kNeedMore, kWhole, kRejected };
  /// Parses what has been committed. After kRejected only rejection() may be asked, and the request
  /// without its body if that was too large.
  [[nodiscard]] Progress Parse();

  /// What has come of the request being read.
  enum class Phase { kNothing, kHeader, kBody };
  [[nodiscard]] Phase phase() const;
  /// The client waits for "100 Continue" before it sends the body. True once per request.
  [[nodiscard]] bool TakeContinueWish();

  /// After kWhole, until Next. The views point into this reader. Without a body that was rejected.
  [[nodiscard]] Request request() const;
  /// After the request line was read.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http10() const;
  [[nodiscard]] bool is_head() const;
  /// Reports whether the client accepts trailer fields (RFC 9110, section 10.1.4).
  [[nodiscard]] bool AcceptsTrailers() const;

  /// Whom the request is for, also after kRejected. Empty if that is unknown.
  [[nodiscard]] std::string_view authority() const;

  [[nodiscard]] Rejection rejection() const { return rejection_; }

  /// The whole buffer, for bytes that nobody will parse. Ends the use of everything else here.
  [[nodiscard]] std::span<char> Scratch();

  /// Forgets the request; bytes behind it stay for the next one.
  void Next();

 private:
  Progress Reject(Rejection rejection);
  [[nodiscard]] bool MakeRoom();

  const Limits& limits_;
  const HostPolicy& host_policy_;
  const std::size_t capacity_;
  const std::unique_ptr<char[]> buffer_;
  // The request begins at begin_; bytes up to parsed_ are understood, up to end_ have been read.
  std::size_t begin_ = 0;
  std::size_t parsed_ = 0;
  std::size_t end_ = 0;
  std::size_t header_end_ = 0;  // once the header block is whole
  std::vector<HeaderField> fields_;
  std::string body_;
  std::string accepted_host_;  // of the request before, mostly
  std::optional<RequestMessage> message_;
  bool continue_wish_taken_ = false;
  Rejection rejection_ = Rejection::kNotHttp;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REQUEST_READER_H_

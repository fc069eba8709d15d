#ifndef COUPOND_RPC_HTTP_HTTP1_REQUEST_MESSAGE_H_
#define COUPOND_RPC_HTTP_HTTP1_REQUEST_MESSAGE_H_

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/http/handler.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/http1/rejection.h"
#include "rpc/http/limits.h"

namespace coupond::http {

/// What allows bodies longer than Limits::request_body_bytes_max. Both functions, or none.
struct BodyGrant {
  /// Returns how many bytes the body of a request may have, which comes without it. Called for a
  /// body that is longer than the limit, or of unknown length.
  std::function<std::size_t(const Request& head)> bytes_max = {};
  /// Reports whether there is a place for a long body, which is then taken. Called once it is known
  /// that the body is longer than the limit.
  std::function<bool()> take_place = {};
};

/// Beast's parser for one request, with callbacks that keep views of the header block instead of
/// copying it into a field container, and that are stricter where RFC 9112 asks for it.
class RequestMessage final : public boost::beast::http::basic_parser<true> {
 public:
  /// `buffer` holds all header bytes; `fields` and `body` are filled, but a body that is there as a
  /// whole stays in the buffer instead. `accepted_host` is the last host that was accepted on this
  /// connection, which is not checked again. All of them must outlive this, as must `limits`,
  /// `hosts` and `grant`, which may be empty.
  RequestMessage(const Limits& limits, const HostPolicy& hosts, const BodyGrant& grant,
                 std::span<const char> buffer, std::vector<HeaderField>& fields, std::string& body,
                 std::string& accepted_host);

  /// Returns the reason why parsing ended with `error`. `received` is the request as far as it was
  /// read.
  [[nodiscard]] Rejection Explain(boost::beast::error_code error, std::string_view received) const;

  [[nodiscard]] std::string_view method() const { return method_; }
  /// Returns the request as far as it has been read, with views into what this refers to.
  [[nodiscard]] Request request() const;
  /// Returns how many bytes the body may have. Valid once the header block has been read.
  [[nodiscard]] std::size_t body_bytes_max() const { return body_bytes_max_; }
  /// Returns the host that the request is for: the target's authority, or else the Host field.
  /// Empty if an HTTP/1.0 request has neither.
  [[nodiscard]] std::string_view authority() const { return authority_; }
  [[nodiscard]] bool is_http10() const { return version_ < 11; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }

 private:
  using ErrorCode = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                       ErrorCode& error) override;
  void on_response_impl(int status, Text reason, int version, ErrorCode& error) override;
  void on_field_impl(boost::beast::http::field field, Text name, Text value,
                     ErrorCode& error) override;
  void on_header_impl(ErrorCode& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) override;
  std::size_t on_body_impl(Text piece, ErrorCode& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorCode& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text piece, ErrorCode& error) override;
  void on_finish_impl(ErrorCode& error) override;

  void Reject(Rejection rejection, ErrorCode& error);
  /// Splits an absolute target. Returns false if it is not one.
  [[nodiscard]] bool ReadAbsoluteTarget(std::string_view target);
  /// Checks the host that the request is for. Called after all header fields have been read.
  void CheckAuthority(ErrorCode& error);
  /// Takes a place for a long body. Returns false, with an error, if there is none.
  [[nodiscard]] bool TakePlace(ErrorCode& error);
  /// Limits the body. Called after everything else about the header block has been checked.
  void LimitBody(ErrorCode& error);

  const Limits& limits_;
  const HostPolicy& host_policy_;
  const BodyGrant& grant_;
  const std::span<const char> buffer_;
  std::vector<HeaderField>& fields_;
  std::string& body_;
  std::string_view whole_body_;  // in the buffer; body_ is empty then
  std::string& accepted_host_;
  std::string_view method_;
  std::string_view path_;
  std::string_view query_;
  std::string_view authority_;
  bool has_absolute_target_ = false;
  bool has_bad_host_ = false;
  int version_ = 11;
  int hosts_ = 0;
  bool saw_chunked_ = false;
  bool header_done_ = false;
  bool expects_continue_ = false;
  std::size_t body_bytes_max_;
  bool has_place_ = false;
  std::optional<Rejection> rejection_;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REQUEST_MESSAGE_H_

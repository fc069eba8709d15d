#include "rpc/http/http1/request_message.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>

#include "base/ascii.h"

namespace coupond::http {
namespace {

namespace beast_http = boost::beast::http;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// Returns the length of a target's scheme, "http://" or "https://", or 0 if it has neither.
std::size_t SchemeBytes(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (EqualsIgnoringCase(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

/// Reports whether a request line is of another version of HTTP: "… HTTP/2.0".
bool NamesAnotherVersion(std::string_view line) {
  constexpr std::string_view kName = " HTTP/";
  const std::size_t at = line.find(kName);
  if (at == std::string_view::npos) return false;
  const std::string_view version = line.substr(at + kName.size(), 3);
  return version.size() == 3 && IsDigit(version[0]) && version[1] == '.' && IsDigit(version[2]) &&
         version != "1.0" && version != "1.1";
}

}  // namespace

RequestMessage::RequestMessage(const Limits& limits, const HostPolicy& hosts,
                               const BodyGrant& grant, std::span<const char> buffer,
                               std::vector<HeaderField>& fields, std::string& body,
                               std::string& accepted_host)
    : limits_(limits),
      host_policy_(hosts),
      grant_(grant),
      buffer_(buffer),
      fields_(fields),
      body_(body),
      accepted_host_(accepted_host),
      body_bytes_max_(limits.request_body_bytes_max) {
  // The reader limits the whole block; Beast's own limit counts only the part not yet parsed.
  header_limit(static_cast<std::uint32_t>(limits.header_block_bytes_max));
  // Beast would compare a Content-Length with its limit before it hands out the header block, on
  // which the limit depends.
  body_limit(boost::none);
  // One step per call, so that the reader sees where the header block ends.
  eager(false);
}

void RequestMessage::Reject(Rejection rejection, ErrorCode& error) {
  rejection_ = rejection;
  error = beast_http::error::bad_field;  // any error stops the parser
}

void RequestMessage::on_request_impl(beast_http::verb /*verb*/, Text method, Text target,
                                     int version, ErrorCode& error) {
  version_ = version;
  method_ = View(method);
  const std::string_view origin_form = View(target);
  if (method_ == "CONNECT") return Reject(Rejection::kConnect, error);
  if (!origin_form.starts_with('/') && origin_form != "*") {
    if (!ReadAbsoluteTarget(origin_form)) Reject(Rejection::kBadTarget, error);
    return;
  }
  const std::size_t question = std::min(origin_form.find('?'), origin_form.size());
  path_ = origin_form.substr(0, question);
  query_ = origin_form.substr(std::min(question + 1, origin_form.size()));
}

/// Reads "http://host/a?b", the form that clients send to a proxy (RFC 9112, section 3.2.2).
bool RequestMessage::ReadAbsoluteTarget(std::string_view target) {
  const std::size_t scheme = SchemeBytes(target);
  if (scheme == 0) return false;
  target.remove_prefix(scheme);
  authority_ = target.substr(0, target.find_first_of("/?"));
  has_absolute_target_ = true;
  const std::string_view rest = target.substr(authority_.size());
  const std::size_t question = std::min(rest.find('?'), rest.size());
  path_ = question == 0 ? std::string_view("/") : rest.substr(0, question);
  query_ = rest.substr(std::min(question + 1, rest.size()));
  return true;
}

void RequestMessage::CheckAuthority(ErrorCode& error) {
  if (has_bad_host_) return Reject(Rejection::kBadHost, error);
  // HTTP/1.0 has no Host field, and no browser speaks it.
  if (hosts_ == 0 && !has_absolute_target_) return;
  if (!accepted_host_.empty() && authority_ == accepted_host_) return;
  const std::optional<Authority> authority = ParseAuthority(authority_);
  if (!authority) {
    return Reject(has_absolute_target_ ? Rejection::kBadTarget : Rejection::kBadHost, error);
  }
  if (!host_policy_.Accepts(*authority)) return Reject(Rejection::kMisdirected, error);
  accepted_host_ = authority_;
}

void RequestMessage::on_response_impl(int /*status*/, Text /*reason*/, int /*version*/,
                                      ErrorCode& error) {
  Reject(Rejection::kNotHttp, error);
}

void RequestMessage::on_field_impl(beast_http::field field, Text name, Text value,
                                   ErrorCode& error) {
  // Trailer fields come here too. They are not used, and their bytes do not stay in the buffer.
  if (header_done_) return;
  if (fields_.size() >= limits_.header_fields_max) {
    return Reject(Rejection::kTooManyHeaders, error);
  }
  // Beast unfolds a folded value into memory of its own. RFC 9112, section 5.2, allows refusing it.
  if (value.data() != nullptr && !value.empty() &&
      (value.data() < buffer_.data() || value.data() >= buffer_.data() + buffer_.size())) {
    return Reject(Rejection::kFoldedHeader, error);
  }
  switch (field) {
    case beast_http::field::host:
      ++hosts_;
      // An absolute target takes precedence (RFC 9112, section 3.2.2), but a malformed Host is
      // refused anyway (section 3.2).
      if (has_absolute_target_) {
        has_bad_host_ = !ParseAuthority(View(value));
      } else {
        authority_ = View(value);
      }
      break;
    case beast_http::field::transfer_encoding:
      if (!EqualsIgnoringCase(View(value), "chunked")) {
        return Reject(Rejection::kUnknownTransferCoding, error);
      }
      saw_chunked_ = true;
      break;
    case beast_http::field::expect:
      if (!EqualsIgnoringCase(View(value), "100-continue")) {
        return Reject(Rejection::kUnknownExpectation, error);
      }
      expects_continue_ = true;
      break;
    default:
      break;
  }
  fields_.push_back({View(name), View(value)});
}

void RequestMessage::on_header_impl(ErrorCode& error) {
  header_done_ = true;
  if (hosts_ > 1 || (hosts_ == 0 && !is_http10())) return Reject(Rejection::kHost, error);
  if (CheckAuthority(error); error) return;
  if (is_http10() && chunked()) return Reject(Rejection::kChunkedInHttp10, error);
  // An HTTP/1.0 client cannot wait for a response that it does not know (RFC 9110, section 10.1.1).
  if (is_http10()) expects_continue_ = false;
  LimitBody(error);
}

void RequestMessage::LimitBody(ErrorCode& error) {
  const boost::optional<std::uint64_t> length = content_length();
  const bool may_be_large = chunked() || (length && *length > body_bytes_max_);
  if (may_be_large && grant_.bytes_max) body_bytes_max_ = grant_.bytes_max(request());
  if (length && *length > body_bytes_max_) return Reject(Rejection::kBodyTooLarge, error);
  if (length && *length > limits_.request_body_bytes_max && !TakePlace(error)) return;
  body_limit(body_bytes_max_);  // of chunks
}

bool RequestMessage::TakePlace(ErrorCode& error) {
  has_place_ = grant_.take_place();
  if (!has_place_) Reject(Rejection::kTooManyLargeBodies, error);
  return has_place_;
}

Request RequestMessage::request() const {
  return {.method = method_,
          .path = path_,
          .query = query_,
          .authority = authority_,
          .body = whole_body_.empty() ? std::string_view(body_) : whole_body_,
          .headers = fields_};
}

void RequestMessage::on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                                       ErrorCode& /*error*/) {}

std::size_t RequestMessage::on_body_impl(Text piece, ErrorCode& /*error*/) {
  // The length is within the limit, which was checked when the header block had been read.
  const auto length = static_cast<std::size_t>(content_length().value_or(0));
  if (piece.size() == length) {
    whole_body_ = View(piece);
    return piece.size();
  }
  body_.reserve(length);
  body_.append(piece.data(), piece.size());
  return piece.size();
}

void RequestMessage::on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/,
                                          ErrorCode& /*error*/) {}

std::size_t RequestMessage::on_chunk_body_impl(std::uint64_t /*remain*/, Text piece,
                                               ErrorCode& error) {
  const bool is_large = body_.size() + piece.size() > limits_.request_body_bytes_max;
  if (is_large && !has_place_ && !TakePlace(error)) return 0;
  body_.append(piece.data(), piece.size());
  return piece.size();
}

void RequestMessage::on_finish_impl(ErrorCode& /*error*/) {}

Rejection RequestMessage::Explain(ErrorCode error, std::string_view received) const {
  if (rejection_) return *rejection_;
  if (error == beast_http::error::header_limit) return Rejection::kHeaderTooLarge;
  if (error == beast_http::error::body_limit) return Rejection::kBodyTooLarge;
  if (error == beast_http::error::bad_content_length ||
      error == beast_http::error::multiple_content_length) {
    return saw_chunked_ ? Rejection::kLengthAndChunked : Rejection::kBadLength;
  }
  if (error == beast_http::error::bad_transfer_encoding) {
    return saw_chunked_ ? Rejection::kUnknownTransferCoding : Rejection::kLengthAndChunked;
  }
  if (error == beast_http::error::bad_version) {
    return NamesAnotherVersion(received.substr(0, received.find('\n')))
               ? Rejection::kUnsupportedVersion
               : Rejection::kNotHttp;
  }
  if (error == beast_http::error::bad_target) return Rejection::kBadTarget;
  if (header_done_) return Rejection::kBadChunk;
  if (!method_.empty()) return Rejection::kBadHeaderField;
  return Rejection::kNotHttp;
}

}  // namespace coupond::http

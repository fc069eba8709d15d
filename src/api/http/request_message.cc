#include "api/http/request_message.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

namespace coupond::http {
namespace {

namespace beast_http = boost::beast::http;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// The path and query of a request target: "/a?b", "http://host/a?b" or "*" (RFC 9112,
/// section 3.2). Empty if it is none of these.
std::string_view OriginForm(std::string_view target) {
  if (target.starts_with('/') || target == "*") return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!boost::beast::iequals(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find('/', scheme.size());
    return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  return {};
}

/// Whether a request line that is not ours is HTTP all the same: "… HTTP/2.0".
bool NamesAnotherVersion(std::string_view line) {
  constexpr std::string_view kName = " HTTP/";
  const std::size_t at = line.find(kName);
  if (at == std::string_view::npos) return false;
  const std::string_view version = line.substr(at + kName.size(), 3);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return version.size() == 3 && is_digit(version[0]) && version[1] == '.' && is_digit(version[2]) &&
         version != "1.0" && version != "1.1";
}

}  // namespace

RequestMessage::RequestMessage(const Limits& limits, std::span<const char> buffer,
                               std::vector<HeaderField>& fields, std::string& body)
    : limits_(limits), buffer_(buffer), fields_(fields), body_(body) {
  // The reader watches the whole block; Beast's own limit counts only the part not yet parsed.
  header_limit(static_cast<std::uint32_t>(limits.header_block_bytes_max));
  body_limit(limits.request_body_bytes_max);
  // One step per call, so that the reader learns where the header block ends.
  eager(false);
}

void RequestMessage::Reject(Rejection rejection, ErrorCode& error) {
  rejection_ = rejection;
  error = beast_http::error::bad_field;  // any error: it makes the parser stop
}

void RequestMessage::on_request_impl(beast_http::verb /*verb*/, Text method, Text target,
                                     int version, ErrorCode& error) {
  version_ = version;
  method_ = View(method);
  target_ = OriginForm(View(target));
  if (target_.empty()) Reject(Rejection::kBadTarget, error);
}

void RequestMessage::on_response_impl(int /*status*/, Text /*reason*/, int /*version*/,
                                      ErrorCode& error) {
  Reject(Rejection::kNotHttp, error);
}

void RequestMessage::on_field_impl(beast_http::field field, Text name, Text value,
                                   ErrorCode& error) {
  // Trailer fields come here too. Nothing here wants them, and their bytes do not stay.
  if (header_done_) return;
  if (fields_.size() >= limits_.header_fields_max) {
    return Reject(Rejection::kTooManyHeaders, error);
  }
  // Beast unfolds a folded value into memory of its own; RFC 9112, section 5.2, lets us refuse it.
  if (value.data() != nullptr && !value.empty() &&
      (value.data() < buffer_.data() || value.data() >= buffer_.data() + buffer_.size())) {
    return Reject(Rejection::kFoldedHeader, error);
  }
  switch (field) {
    case beast_http::field::host:
      ++hosts_;
      break;
    case beast_http::field::transfer_encoding:
      if (!boost::beast::iequals(value, "chunked")) {
        return Reject(Rejection::kUnknownTransferCoding, error);
      }
      saw_chunked_ = true;
      break;
    case beast_http::field::expect:
      if (!boost::beast::iequals(value, "100-continue")) {
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
  if (is_http10() && chunked()) return Reject(Rejection::kChunkedInHttp10, error);
  // An HTTP/1.0 client cannot wait for what it does not know (RFC 9110, section 10.1.1).
  if (is_http10()) expects_continue_ = false;
}

void RequestMessage::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                                       ErrorCode& /*error*/) {
  // The parser has held the length against the limit already.
  if (length) body_.reserve(static_cast<std::size_t>(*length));
}

std::size_t RequestMessage::on_body_impl(Text piece, ErrorCode& /*error*/) {
  body_.append(piece.data(), piece.size());
  return piece.size();
}

void RequestMessage::on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/,
                                          ErrorCode& /*error*/) {}

std::size_t RequestMessage::on_chunk_body_impl(std::uint64_t /*remain*/, Text piece,
                                               ErrorCode& /*error*/) {
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

#include "fuzz/call_answer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "fuzz/invariant.h"
#include "rpc/connect/codec.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/error.h"
#include "rpc/http/http1/reply_head.h"
#include "rpc/json/json_document.h"
#include "rpc/json/json_format.h"

namespace coupond::fuzz {
namespace {

using connect::Codec;
using connecttest::Basket;

constexpr std::size_t kAnswerBytesMax = 64 * 1024 * 1024;

enum class EndForm { kConnect, kGrpcWeb };

std::optional<std::string_view> HeaderOf(const http::Response& answer, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : answer.headers) {
    if (key != name) continue;
    Require(!found, "a header comes once", name);
    found = value;
  }
  return found;
}

std::string Unpacked(std::string_view bytes) {
  auto unpacked = connect::Gunzip(bytes, kAnswerBytesMax);
  Require(unpacked.has_value(), "bytes declared as gzip are gzip", bytes);
  return *std::move(unpacked);
}

Basket Decoded(Codec codec, std::string_view bytes) {
  static const connect::JsonFormat format(Basket::descriptor());
  Basket basket;
  if (codec == Codec::kProto) {
    Require(basket.ParseFromString(std::string(bytes)), "a message is protobuf", bytes);
  } else {
    const auto decoded = connect::Decode(codec, format, bytes, basket);
    Require(decoded.has_value(), "a message is JSON of its type", bytes);
  }
  return basket;
}

/// Reports whether messages may be compressed, according to this header.
bool IsGzip(const http::Response& answer, std::string_view header) {
  const auto encoding = HeaderOf(answer, header);
  Require(!encoding || encoding == "gzip", "gzip is the only named compression", header);
  return encoding.has_value();
}

void CheckHead(const http::Response& answer) {
  Require(http::IsSendable(answer), "an answer can be sent");
  for (const auto& [name, value] : answer.headers) {
    Require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a header is one line", name);
  }
}

CallAnswer ReadBare(Codec codec, const http::Response& answer) {
  Require(!HeaderOf(answer, "Connect-Content-Encoding") && !HeaderOf(answer, "Grpc-Encoding"),
          "a bare message is compressed by HTTP's own header");
  const bool is_gzip = IsGzip(answer, "Content-Encoding");
  const std::string body = is_gzip ? Unpacked(answer.body) : answer.body;
  if (answer.status == 200) return {.ended_well = true, .messages = {Decoded(codec, body)}};
  Require(codec == Codec::kJson && !is_gzip, "an error is plain JSON");
  CheckErrorJson(body);
  connect::JsonDocument document;
  Require(document.Parse(body).has_value() && document.At(1).text == "code", "a code comes first");
  const auto code = connect::CodeByName(document.At(2).text);
  const bool is_https_own = answer.status == 404 || answer.status == 405 || answer.status == 415;
  Require(is_https_own || answer.status == connect::HttpStatusOf(*code),
          "an error has the status of its code", body);
  return {};
}

CallAnswer ReadEnveloped(EndForm form, Codec codec, const http::Response& answer) {
  constexpr std::size_t kHeadBytes = 5;
  Require(answer.status == 200, "the status is 200 whatever the outcome");
  Require(!HeaderOf(answer, "Content-Encoding"), "envelopes are compressed one by one");
  const bool is_gzip =
      IsGzip(answer, form == EndForm::kGrpcWeb ? "Grpc-Encoding" : "Connect-Content-Encoding");
  const std::uint8_t end_flag = form == EndForm::kGrpcWeb ? 0x80 : 0x02;

  CallAnswer read;
  std::string_view body = answer.body;
  for (;;) {
    Require(body.size() >= kHeadBytes, "an answer ends with an end message");
    const auto flags = static_cast<std::uint8_t>(body[0]);
    std::size_t length = 0;
    for (std::size_t i = 1; i < kHeadBytes; ++i) {
      length = length * 256 + static_cast<std::uint8_t>(body[i]);
    }
    body.remove_prefix(kHeadBytes);
    Require(length <= body.size(), "an envelope is whole");
    const std::string_view message = body.substr(0, length);
    body.remove_prefix(length);
    if (flags == end_flag) {
      Require(body.empty(), "nothing follows the end");
      read.ended_well =
          form == EndForm::kGrpcWeb ? CheckGrpcWebTrailers(message) : CheckConnectEnd(message);
      return read;
    }
    Require(flags == 0 || (flags == 1 && is_gzip), "an envelope's flags are known");
    read.messages.push_back(Decoded(codec, flags == 1 ? Unpacked(message) : std::string(message)));
  }
}

}  // namespace

CallAnswer ReadCallAnswer(const http::Response& answer) {
  CheckHead(answer);
  const std::string_view type = answer.content_type;
  if (type == "application/json") return ReadBare(Codec::kJson, answer);
  if (type == "application/proto") return ReadBare(Codec::kProto, answer);
  if (type == "application/connect+json") {
    return ReadEnveloped(EndForm::kConnect, Codec::kJson, answer);
  }
  if (type == "application/connect+proto") {
    return ReadEnveloped(EndForm::kConnect, Codec::kProto, answer);
  }
  if (type == "application/grpc-web+json") {
    return ReadEnveloped(EndForm::kGrpcWeb, Codec::kJson, answer);
  }
  if (type == "application/grpc-web+proto") {
    return ReadEnveloped(EndForm::kGrpcWeb, Codec::kProto, answer);
  }
  if (type.empty()) {
    Require(http::HasNoBody(answer.status) && answer.body.empty(), "a body has a content type");
    return {.ended_well = true, .messages = {}};
  }
  Require(type == "text/plain", "a content type is one of ours", type);
  // 403: a page of another origin asked for a change.
  const bool is_unrouted =
      answer.status == 403 || answer.status == 404 || answer.status == 405 || answer.status == 415;
  Require(is_unrouted && !answer.body.empty(), "a request that reaches no method gets a reason");
  return {};
}

}  // namespace coupond::fuzz

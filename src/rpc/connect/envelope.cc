#include "rpc/connect/envelope.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/ascii.h"
#include "base/big_endian.h"
#include "base/check.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "connect/status/v1/status.pb.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_text.h"
#include "rpc/json/well_known_types.h"

namespace coupond::connect {
namespace {

Metadata WithErrorHeaders(const Error* error, const Metadata& trailers) {
  Metadata all = trailers;
  if (error != nullptr) all.insert(all.end(), error->headers.begin(), error->headers.end());
  return all;
}

/// Appends {"name":["value",…],…}, with all values of a name where it first occurs.
void AppendMetadataJson(const Metadata& metadata, std::string& json) {
  json.push_back('{');
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    const auto same_name = [&name = metadata[i].first](const auto& field) {
      return EqualsIgnoringCase(field.first, name);
    };
    const auto here = metadata.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find_if(metadata.begin(), here, same_name) != here) continue;
    if (json.back() != '{') json.push_back(',');
    AppendJsonStringLossy(metadata[i].first, json);
    json.append(":[");
    for (auto field = here; field != metadata.end(); ++field) {
      if (!same_name(*field)) continue;
      if (json.back() != '[') json.push_back(',');
      AppendJsonStringLossy(field->second, json);
    }
    json.push_back(']');
  }
  json.push_back('}');
}

void AppendHead(std::uint8_t flags, std::size_t bytes, std::string& out) {
  COUPOND_CHECK(bytes <= std::numeric_limits<std::uint32_t>::max());
  const auto length = static_cast<std::uint32_t>(bytes);
  out.push_back(static_cast<char>(flags));
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>(length >> shift & 0xff));
}

std::string StatusDetails(const Error& error) {
  status::v1::Status status;
  status.set_code(static_cast<int>(error.code));
  // The message may quote a client's bytes, but must be UTF-8 here.
  status.set_message(IsUtf8(error.message) ? error.message : "");
  for (const ErrorDetail& detail : error.details) {
    auto& any = *status.add_details();
    any.set_type_url(std::string(kAnyUrlPrefix) + detail.type);
    any.set_value(detail.value);
  }
  return status.SerializeAsString();
}

}  // namespace

Error MessageTooLarge(std::size_t bytes_max) {
  return {.code = Code::kResourceExhausted,
          .message = "the message is larger than the limit of " + std::to_string(bytes_max) +
                     " bytes, uncompressed",
          .reason = "MESSAGE_TOO_LARGE",
          .facts = {{"bytes_max", std::to_string(bytes_max)}}};
}

std::expected<Envelope, Error> ReadOnlyEnvelope(std::string_view body, std::size_t bytes_max) {
  if (body.empty()) {
    return MakeError(Code::kUnimplemented, "the request has no message; send one",
                     kEnvelopeMalformed);
  }
  if (body.size() < kEnvelopeHeadBytes) {
    return MakeError(Code::kInvalidArgument,
                     "the request ends within an envelope's head, which has 5 bytes",
                     kEnvelopeMalformed);
  }
  const auto flags = static_cast<std::uint8_t>(body.front());
  if ((flags & ~kCompressedFlag) != 0) {
    return MakeError(Code::kInvalidArgument,
                     "the envelope's flags are " + std::to_string(flags) +
                         "; a request may have only 0 or 1 (compressed)",
                     kEnvelopeMalformed);
  }
  const std::size_t length = ReadBigEndian(body.substr(1, 4));
  if (length > bytes_max) return std::unexpected(MessageTooLarge(bytes_max));
  body.remove_prefix(kEnvelopeHeadBytes);
  if (body.size() < length) {
    return MakeError(Code::kInvalidArgument,
                     "the envelope announces a message of " + std::to_string(length) +
                         " bytes, but only " + std::to_string(body.size()) + " follow",
                     kEnvelopeMalformed);
  }
  if (body.size() > length) {
    return MakeError(Code::kUnimplemented,
                     "the request has more than one message, but the method takes one",
                     kEnvelopeMalformed);
  }
  return Envelope{.compressed = flags == kCompressedFlag, .message = body};
}

void AppendEnvelope(std::uint8_t flags, std::string_view message, std::string& out) {
  AppendHead(flags, message.size(), out);
  out.append(message);
}

std::string EnvelopeOf(std::span<const std::string_view> parts) {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  std::string out;
  out.reserve(kEnvelopeHeadBytes + bytes);
  AppendHead(0, bytes, out);
  for (const std::string_view part : parts) out.append(part);
  return out;
}

std::string ConnectStreamEnd(const Error* error, const Metadata& trailers) {
  std::string json = "{";
  if (error != nullptr) json.append("\"error\":").append(ErrorJson(*error));
  if (const Metadata all = WithErrorHeaders(error, trailers); !all.empty()) {
    if (error != nullptr) json.push_back(',');
    json.append("\"metadata\":");
    AppendMetadataJson(all, json);
  }
  json.push_back('}');
  return json;
}

std::string PercentEncodeGrpcMessage(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~' && byte != '%') {
      out.push_back(c);
    } else {
      out.push_back('%');
      AppendHex(byte, kUpperCaseHexDigits, out);
    }
  }
  return out;
}

std::string GrpcWebTrailers(const Error* error, const Metadata& trailers) {
  std::string out =
      "grpc-status: " + std::to_string(error == nullptr ? 0 : static_cast<int>(error->code)) +
      "\r\n";
  if (error != nullptr && !error->message.empty()) {
    out.append("grpc-message: ").append(PercentEncodeGrpcMessage(error->message)).append("\r\n");
  }
  if (error != nullptr && !error->details.empty()) {
    out.append("grpc-status-details-bin: ");
    AppendBase64(StatusDetails(*error), Base64Padding::kUnpadded, out);
    out.append("\r\n");
  }
  for (const auto& [name, value] : WithErrorHeaders(error, trailers)) {
    // A line break in a value, which may quote a client, would begin another trailer.
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) continue;
    for (const char c : name) out.push_back(LowerCase(c));
    out.append(": ").append(value).append("\r\n");
  }
  return out;
}

}  // namespace coupond::connect

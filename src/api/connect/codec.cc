#include "api/connect/codec.h"

#include <google/protobuf/message.h>

#include <limits>

#include "api/connect/call_headers.h"
#include "api/connect/json_reader.h"
#include "api/connect/json_writer.h"

namespace coupond::connect {
namespace {

using google::protobuf::Message;

/// Saves the string from growing step by step; most answers are shorter.
constexpr std::size_t kUsualAnswerBytes = 512;

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

/// Takes the text up to the next semicolon off the front.
std::string_view TakeParameter(std::string_view& text) {
  const std::string_view parameter = text.substr(0, text.find(';'));
  text.remove_prefix(parameter.size());
  if (!text.empty()) text.remove_prefix(1);
  return Trimmed(parameter);
}

bool IsAcceptable(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (!EqualsIgnoringCase(parameter.substr(0, equals), "charset")) return true;
  if (equals == std::string_view::npos) return false;
  std::string_view charset = parameter.substr(equals + 1);
  if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
    charset = charset.substr(1, charset.size() - 2);
  }
  return EqualsIgnoringCase(charset, "utf-8");
}

std::expected<void, Error> DecodeProto(std::string_view body, Message& message) {
  const bool fits = body.size() <= std::numeric_limits<int>::max();
  // Generated code also refuses proto3 strings that are not UTF-8.
  if (fits && message.ParseFromArray(body.data(), static_cast<int>(body.size()))) return {};
  return std::unexpected(Error{.code = Code::kInvalidArgument,
                               .message = "the body is not a valid protobuf message of type " +
                                          message.GetTypeName() +
                                          ", or a string in it is not UTF-8"});
}

}  // namespace

std::string_view ContentTypeOf(Codec codec) {
  return codec == Codec::kJson ? "application/json" : "application/proto";
}

std::optional<Codec> CodecOfContentType(std::string_view header) {
  const std::string_view type = TakeParameter(header);
  while (!header.empty()) {
    if (!IsAcceptable(TakeParameter(header))) return std::nullopt;
  }
  for (const Codec codec : {Codec::kProto, Codec::kJson}) {
    if (EqualsIgnoringCase(type, ContentTypeOf(codec))) return codec;
  }
  return std::nullopt;
}

std::expected<void, Error> Decode(Codec codec, const JsonFormat& format, std::string_view body,
                                  Message& message) {
  if (codec == Codec::kProto) return DecodeProto(body, message);
  auto read = ReadJson(format, body, message);
  if (read) return {};
  return std::unexpected(Error{.code = Code::kInvalidArgument, .message = std::move(read.error())});
}

std::expected<std::string, Error> Encode(Codec codec, const JsonFormat& format,
                                         const Message& message) {
  std::string body;
  if (codec == Codec::kProto) {
    if (!message.SerializeToString(&body)) return std::unexpected(EncodingError("too large"));
    return body;
  }
  body.reserve(kUsualAnswerBytes);
  if (const auto written = WriteJson(format, message, body); !written) {
    return std::unexpected(EncodingError(written.error()));
  }
  return body;
}

Error EncodingError(std::string_view reason) {
  return {.code = Code::kInternal,
          .message = "the answer could not be written: " + std::string(reason)};
}

}  // namespace coupond::connect

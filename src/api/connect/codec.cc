#include "api/connect/codec.h"

#include <google/protobuf/message.h>

#include <limits>

#include "api/connect/json_reader.h"
#include "api/connect/json_writer.h"
#include "api/connect/unknown_fields.h"

namespace coupond::connect {
namespace {

using google::protobuf::Message;

/// Saves the string from growing step by step; most answers are shorter.
constexpr std::size_t kUsualAnswerBytes = 512;

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

std::expected<void, Error> Decode(Codec codec, const JsonFormat& format, std::string_view body,
                                  Message& message, const Strictness& strictness) {
  if (codec == Codec::kJson) {
    auto read = ReadJson(format, body, message, strictness);
    if (!read) return MakeError(Code::kInvalidArgument, std::move(read.error()));
    return {};
  }
  auto decoded = DecodeProto(body, message);
  if (!decoded || !strictness.refuses_unknown) return decoded;
  if (auto unknown = FindUnknownField(format.root(), message)) {
    return MakeError(Code::kInvalidArgument, *std::move(unknown));
  }
  return {};
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

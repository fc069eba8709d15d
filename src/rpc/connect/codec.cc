#include "rpc/connect/codec.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <limits>
#include <optional>
#include <utility>

#include "base/error.h"
#include "rpc/json/json_document.h"
#include "rpc/json/json_writer.h"
#include "rpc/json/unknown_fields.h"

namespace coupond::connect {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

/// protobuf's own limit for nested messages.
constexpr int kLevelsMax = 100;

/// The capacity to begin with, so that the text need not grow step by step. Most responses are
/// shorter.
constexpr std::size_t kUsualAnswerBytes = 512;

/// Returns the field of a refused message whose string is not UTF-8, with the problem, or nullopt
/// if there is none. `levels` bounds the recursion.
std::optional<JsonProblem> FindNotUtf8(const Descriptor& type, const std::string& bytes,
                                       int levels) {
  UnknownFieldSet fields;
  if (levels == 0 || !fields.ParseFromString(bytes)) return std::nullopt;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& value = fields.field(i);
    const FieldDescriptor* field = type.FindFieldByNumber(value.number());
    if (field == nullptr || value.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      const auto problem = NotUtf8Problem(value.length_delimited());
      if (problem) return JsonProblem{.path = field->name(), .reason = *problem};
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      auto inside = FindNotUtf8(*field->message_type(), value.length_delimited(), levels - 1);
      if (inside) {
        inside->path.insert(0, field->name() + ".");
        return inside;
      }
    }
  }
  return std::nullopt;
}

std::unexpected<Error> Undecodable(JsonProblem problem) {
  std::string message = problem.Text();
  std::string_view reason = "MESSAGE_MALFORMED";
  if (!problem.path.empty()) reason = kFieldInvalid;
  if (problem.is_unknown_field) reason = kFieldUnknown;
  return std::unexpected(Error{.code = Code::kInvalidArgument,
                               .message = std::move(message),
                               .reason = reason,
                               .field = std::move(problem.path)});
}

std::expected<void, Error> DecodeProto(std::string_view body, Message& message) {
  const bool fits = body.size() <= std::numeric_limits<int>::max();
  // Generated code also refuses proto3 strings that are not UTF-8.
  if (fits && message.ParseFromArray(body.data(), static_cast<int>(body.size()))) return {};
  auto problem = FindNotUtf8(*message.GetDescriptor(), std::string(body), kLevelsMax);
  return Undecodable(std::move(problem).value_or(JsonProblem{
      .reason = "the body is not a valid protobuf message of type " + message.GetTypeName()}));
}

}  // namespace

std::expected<void, Error> Decode(Codec codec, const JsonFormat& format, std::string_view body,
                                  Message& message, const Strictness& strictness) {
  if (codec == Codec::kJson) {
    auto read = ReadJson(format, body, message, strictness);
    if (!read) return Undecodable(std::move(read.error()));
    return {};
  }
  TRY(DecodeProto(body, message));
  if (!strictness.refuses_unknown) return {};
  if (auto unknown = FindUnknownField(format.root(), message)) {
    return MakeError(Code::kInvalidArgument, *std::move(unknown), kFieldUnknown);
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
          .message = "the response could not be encoded: " + std::string(reason)};
}

}  // namespace coupond::connect

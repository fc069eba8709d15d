// Bodies in protobuf's binary form, through the codec. What is accepted must be written back with
// the same meaning, in binary and in JSON, which protobuf's own parser reads like ours.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/message_types.h"
#include "fuzz/protobuf_json.h"
#include "fuzz/targets.h"
#include "rpc/connect/codec.h"
#include "rpc/json/json_reader.h"
#include "rpc/json/json_writer.h"
#include "rpc/json/unknown_fields.h"
#include "rpc/json/well_known_types.h"

namespace coupond::fuzz {
namespace {

using connect::Codec;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void CheckBinary(const MessageType& type, const Message& message) {
  const auto body = connect::Encode(Codec::kProto, type.format, message);
  Require(body.has_value(), "what was read can be written");
  const std::unique_ptr<Message> again = type.New();
  Require(connect::Decode(Codec::kProto, type.format, *body, *again).has_value(),
          "what was written can be read");
  const std::string difference = DifferenceOf(message, *again);
  Require(difference.empty(), "what was written is read back equal", difference);
}

void DropWhatJsonCannotSay(Message& message);

/// Does the same for the contents of an Any, if they are a message of a known type.
void DropWithinAny(Message& any) {
  const auto [type_url, value] = connect::AnyPartsOf(any);
  const std::unique_ptr<Message> content = connect::MakeAnyContent(type_url);
  if (!content || !content->ParseFromString(value)) return;
  DropWhatJsonCannotSay(*content);
  connect::SetAnyParts({type_url, content->SerializeAsString()}, any);
}

/// Drops what JSON cannot express: unknown fields, and a NullValue of a number other than 0.
void DropWhatJsonCannotSay(Message& message) {
  message.DiscardUnknownFields();
  if (message.GetDescriptor()->full_name() == "google.protobuf.Any") DropWithinAny(message);
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_null = field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM &&
                         field->enum_type()->full_name() == "google.protobuf.NullValue";
    if (is_null) reflection.SetEnumValue(&message, field, 0);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      DropWhatJsonCannotSay(*reflection.MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      DropWhatJsonCannotSay(*reflection.MutableRepeatedMessage(&message, field, i));
    }
  }
}

void CheckJson(const MessageType& type, const Message& message) {
  std::string json;
  if (const auto written = connect::WriteJson(type.format, message, json); !written) {
    Require(!written.error().empty() && json.empty(), "a refusal says why and leaves nothing");
    return;
  }
  const std::unique_ptr<Message> again = type.New();
  const auto read = connect::ReadJson(type.format, json, *again);
  Require(read.has_value(), "what was written can be read", json);
  const std::string difference = DifferenceOf(message, *again);
  Require(difference.empty(), "what was written is read back equal", json + "\n" + difference);
  RequireProtobufReadsTheSame(type, json, message);
}

}  // namespace

void FuzzProtobuf(std::string_view bytes) {
  Input input(bytes);
  const MessageType& type = ChooseMessageType(input);
  // protobuf logs a line for every string that is not UTF-8.
  const google::protobuf::LogSilencer silencer;
  const std::unique_ptr<Message> message = type.New();
  const auto decoded = connect::Decode(Codec::kProto, type.format, input.rest(), *message);
  if (!decoded) {
    Require(!decoded.error().message.empty(), "a refusal says why");
    return;
  }
  CheckBinary(type, *message);
  DropWhatJsonCannotSay(*message);
  Require(!connect::FindUnknownField(type.format.root(), *message), "no unknown fields are left");
  CheckJson(type, *message);
}

}  // namespace coupond::fuzz

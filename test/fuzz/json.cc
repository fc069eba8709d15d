// JSON through our reader and protobuf's own: theirs reads everything that ours accepts to the same
// message, and both read back equal what ours writes of it. A refusal has a reason that can be
// sent.
#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/message_types.h"
#include "fuzz/protobuf_json.h"
#include "fuzz/targets.h"
#include "rpc/json/json_document.h"
#include "rpc/json/json_reader.h"
#include "rpc/json/json_text.h"
#include "rpc/json/json_writer.h"

namespace coupond::fuzz {
namespace {

using google::protobuf::Message;

/// Names of fields and quotations of the input are truncated, so a reason is a line or two; a path
/// may be as deep as the JSON.
constexpr std::size_t kReasonBytesMax = 8'192;

void CheckRefusal(const std::string& reason) {
  Require(!reason.empty(), "a refusal says why");
  Require(reason.size() <= kReasonBytesMax, "a reason is short");
  std::string sent;
  connect::AppendJsonStringLossy(reason, sent);
  Require(IsUtf8(sent), "a reason can be sent");
}

/// Checks what json_document.h promises of an accepted document. Returns the position after the
/// value.
std::uint32_t CheckStrictness(const connect::JsonDocument& document, std::uint32_t place,
                              std::size_t depth) {
  const connect::JsonToken& value = document.At(place);
  const bool is_object = value.kind == connect::JsonKind::kObject;
  if (is_object || value.kind == connect::JsonKind::kArray) {
    Require(++depth <= connect::kJsonDepthMax, "what is accepted is not too deep");
  }
  std::set<std::string_view> keys;
  for (std::uint32_t next = place + 1; next < value.end;) {
    if (is_object) {
      Require(keys.insert(document.At(next++).text).second, "no key occurs twice in an object");
    }
    next = CheckStrictness(document, next, depth);
  }
  return value.end;
}

void CheckWriting(const MessageType& type, const Message& message) {
  std::string json = "before";
  const auto written = connect::WriteJson(type.format, message, json);
  Require(written.has_value(), "what was read can be written", written ? "" : written.error());
  Require(json.starts_with("before"), "writing appends");
  json.erase(0, 6);
  const std::unique_ptr<Message> again = type.New();
  Require(connect::ReadJson(type.format, json, *again).has_value(), "what was written can be read",
          json);
  const std::string difference = DifferenceOf(message, *again);
  Require(difference.empty(), "what was written is read back equal", json + "\n" + difference);
  RequireProtobufReadsTheSame(type, json, message);
}

}  // namespace

void FuzzJson(std::string_view bytes) {
  Input input(bytes);
  const MessageType& type = ChooseMessageType(input);
  const std::unique_ptr<Message> message = type.New();
  const auto read = connect::ReadJson(type.format, input.rest(), *message);
  if (!read) return CheckRefusal(read.error().Text());
  connect::JsonDocument document;
  Require(document.Parse(input.rest()).has_value(), "what is accepted is JSON");
  CheckStrictness(document, 0, 0);
  RequireProtobufReadsTheSame(type, std::string(input.rest()), *message);
  CheckWriting(type, *message);
}

}  // namespace coupond::fuzz

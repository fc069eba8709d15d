#include "rpc/connect/value_count.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>

namespace coupond::connect {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

/// Returns the place of the quotation mark that ends a string, whose text begins at `place`, or the
/// end of the text.
std::size_t EndOfString(std::string_view json, std::size_t place) {
  while ((place = json.find_first_of("\"\\", place)) != std::string_view::npos) {
    if (json[place] == '"') return place;
    place += 2;  // an escaped character
  }
  return json.size();
}

/// Each value and key but the first follows one of these characters.
std::size_t ValuesInJson(std::string_view json) {
  std::size_t values = 1;
  for (std::size_t i = 0; i < json.size(); ++i) {
    switch (json[i]) {
      case '"':
        i = EndOfString(json, i + 1);
        break;
      case ',':
      case ':':
      case '[':
      case '{':
        ++values;
        break;
      default:
        break;
    }
  }
  return values;
}

bool SkipValue(std::uint32_t tag, CodedInputStream& input) {
  std::uint64_t number = 0;
  switch (WireFormatLite::GetTagWireType(tag)) {
    case WireFormatLite::WIRETYPE_VARINT:
      return input.ReadVarint64(&number);
    case WireFormatLite::WIRETYPE_FIXED64:
      return input.Skip(sizeof(std::uint64_t));
    case WireFormatLite::WIRETYPE_FIXED32:
      return input.Skip(sizeof(std::uint32_t));
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
      int length = 0;
      return input.ReadVarintSizeAsInt(&length) && input.Skip(length);
    }
    // What is in a group follows it.
    case WireFormatLite::WIRETYPE_START_GROUP:
    case WireFormatLite::WIRETYPE_END_GROUP:
      return true;
  }
  return false;
}

std::size_t FieldsInProto(std::string_view message) {
  CodedInputStream input(reinterpret_cast<const std::uint8_t*>(message.data()),
                         static_cast<int>(message.size()));
  std::size_t fields = 0;
  for (std::uint32_t tag = input.ReadTag(); tag != 0; tag = input.ReadTag()) {
    ++fields;
    if (!SkipValue(tag, input)) break;
  }
  return fields;
}

}  // namespace

std::size_t ValuesAtMost(Codec codec, std::string_view message) {
  return codec == Codec::kJson ? ValuesInJson(message) : FieldsInProto(message);
}

}  // namespace coupond::connect

#include "rpc/json/json_scalar.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/display_text.h"
#include "base/error.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_text.h"

namespace coupond::connect {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::unexpected<std::string> Expected(std::string_view what, const JsonToken& value) {
  return std::unexpected("expected " + std::string(what) + ", not " +
                         std::string(JsonKindName(value.kind)));
}

bool IsNumberOrString(const JsonToken& value) {
  return value.kind == JsonKind::kNumber || value.kind == JsonKind::kString;
}

template <std::integral T>
std::expected<T, std::string> ReadInteger(const JsonToken& value) {
  if (!IsNumberOrString(value)) return Expected("a whole number", value);
  // Other readers differ on fractions and exponents in strings.
  if (value.kind == JsonKind::kString && !IsCanonicalInteger(value.text)) {
    return std::unexpected(Quoted(value.text) + " is not a whole number");
  }
  return ParseJsonInteger<T>(value.text);
}

template <std::floating_point T>
std::expected<T, std::string> ReadFloat(const JsonToken& value) {
  if (!IsNumberOrString(value)) return Expected("a number", value);
  if (value.kind == JsonKind::kString) {
    if (value.text == "NaN") return std::numeric_limits<T>::quiet_NaN();
    if (value.text == "Infinity") return std::numeric_limits<T>::infinity();
    if (value.text == "-Infinity") return -std::numeric_limits<T>::infinity();
  }
  return ParseJsonFloat<T>(value.text);
}

std::expected<bool, std::string> ReadBool(const JsonToken& value) {
  if (value.kind == JsonKind::kTrue) return true;
  if (value.kind == JsonKind::kFalse) return false;
  return Expected("true or false", value);
}

std::expected<std::string, std::string> ReadString(const JsonToken& value) {
  if (value.kind != JsonKind::kString) return Expected("a string", value);
  return std::string(value.text);
}

std::expected<std::string, std::string> ReadBytes(const JsonToken& value) {
  if (value.kind != JsonKind::kString) return Expected("a base64 string", value);
  std::optional<std::string> bytes = DecodeBase64(value.text);
  if (!bytes) return std::unexpected("is not base64");
  return *std::move(bytes);
}

/// Names the values of an enum but for that of 0, which stands for no value.
std::string AdviceOf(const EnumDescriptor& type) {
  std::string advice;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (value.number() == 0) continue;
    advice.append(advice.empty() ? "; give one of " : ", ").append(value.name());
  }
  return advice;
}

/// Reads an enum value by its name, or by its number, even if no value has that number.
std::expected<int, std::string> ReadEnum(const FieldTable& table, const JsonToken& value) {
  if (value.kind == JsonKind::kNull && table.is_null_value) return 0;
  if (value.kind == JsonKind::kNumber) return ParseJsonInteger<std::int32_t>(value.text);
  if (value.kind != JsonKind::kString) return Expected("the name of an enum value", value);
  const EnumValueDescriptor* named = table.enum_type->FindValueByName(std::string(value.text));
  if (named == nullptr) {
    return std::unexpected(Quoted(value.text) + " is not a value of " +
                           table.enum_type->full_name() + AdviceOf(*table.enum_type));
  }
  return named->number();
}

/// Stores the value that was read: `set` is for singular fields, `add` for repeated ones.
template <typename T, typename Set>
std::expected<void, std::string> Store(std::expected<T, std::string> read,
                                       const FieldDescriptor* field, Message& message, Set set,
                                       Set add) {
  T value = TRY(std::move(read));
  const Reflection* reflection = message.GetReflection();
  (reflection->*(field->is_repeated() ? add : set))(&message, field, std::move(value));
  return {};
}

}  // namespace

std::expected<void, std::string> ReadScalar(const FieldTable& table, const JsonToken& value,
                                            Message& message) {
  const FieldDescriptor* f = table.field;
  switch (f->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Store(ReadInteger<std::int32_t>(value), f, message, &Reflection::SetInt32,
                   &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Store(ReadInteger<std::int64_t>(value), f, message, &Reflection::SetInt64,
                   &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Store(ReadInteger<std::uint32_t>(value), f, message, &Reflection::SetUInt32,
                   &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Store(ReadInteger<std::uint64_t>(value), f, message, &Reflection::SetUInt64,
                   &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Store(ReadFloat<double>(value), f, message, &Reflection::SetDouble,
                   &Reflection::AddDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Store(ReadFloat<float>(value), f, message, &Reflection::SetFloat,
                   &Reflection::AddFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Store(ReadBool(value), f, message, &Reflection::SetBool, &Reflection::AddBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Store(ReadEnum(table, value), f, message, &Reflection::SetEnumValue,
                   &Reflection::AddEnumValue);
    case FieldDescriptor::CPPTYPE_STRING:
      return Store(f->type() == FieldDescriptor::TYPE_BYTES ? ReadBytes(value) : ReadString(value),
                   f, message, &Reflection::SetString, &Reflection::AddString);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return std::unexpected("is of a type that JSON cannot be read into");
}

std::expected<void, std::string> ReadMapKey(const FieldDescriptor* key, std::string_view text,
                                            Message& entry) {
  FieldTable table;
  table.field = key;
  if (key->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    if (text != "true" && text != "false") return std::unexpected("the key is not true or false");
    return ReadScalar(table, {text == "true" ? JsonKind::kTrue : JsonKind::kFalse, 0, {}}, entry);
  }
  const bool is_text = key->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (!is_text && !IsCanonicalInteger(text)) {
    return std::unexpected("the key is not a whole number");
  }
  return ReadScalar(table, {JsonKind::kString, 0, text}, entry);
}

}  // namespace coupond::connect

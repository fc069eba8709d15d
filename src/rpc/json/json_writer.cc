#include "rpc/json/json_writer.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_text.h"
#include "rpc/json/well_known_types.h"

namespace coupond::connect {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void AppendEnum(const FieldTable& field, int number, std::string& out) {
  const EnumValueDescriptor* value = field.enum_type->FindValueByNumber(number);
  if (field.is_null_value) {
    out.append("null");
  } else if (value == nullptr) {
    AppendJsonNumber(number, out);
  } else {
    out.push_back('"');
    out.append(value->name());
    out.push_back('"');
  }
}

/// The index of the value of a field that is not repeated.
constexpr int kSingle = -1;

/// One walk over a message. Functions that return bool return false after they have recorded a
/// problem.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  /// Returns the problem: "campaign.start_time: is out of range".
  [[nodiscard]] std::string problem() const { return path_ + ": " + reason_; }

  bool WriteMessage(const MessageTable& table, const Message& message) {
    switch (table.form) {
      case JsonForm::kOrdinary:
        return WriteObject(table, message);
      case JsonForm::kText:
        return Appended(AppendWellKnownText(message, out_));
      case JsonForm::kWrapper:
        return WriteField(table.fields.front(), message);
      case JsonForm::kValue:
        return WriteValue(table, message);
      case JsonForm::kAny:
        return WriteAny(message);
    }
    return false;
  }

  /// Writes the object with `list` last and both brackets open.
  bool WriteOpenObject(const MessageTable& table, const Message& message, const FieldTable& list) {
    const std::size_t start = out_.size();
    if (!WriteFields(table, message, &list)) return false;
    out_.append(list.key);
    out_[start] = '{';
    const std::size_t list_start = out_.size();
    if (!WriteElements(list, message)) return ProblemIn(list);
    Open('[', list_start);
    return true;
  }

  /// Writes each element with a comma before it.
  bool WriteElements(const FieldTable& field, const Message& message) {
    const int size = message.GetReflection()->FieldSize(message, field.field);
    for (int i = 0; i < size; ++i) {
      out_.push_back(',');
      if (!WriteOne(field, message, i)) return false;
    }
    return true;
  }

 private:
  bool Problem(std::string_view reason) {
    reason_ = reason;
    return false;
  }

  bool Appended(std::expected<void, std::string_view> result) {
    return result || Problem(result.error());
  }

  bool ProblemIn(const FieldTable& field) {
    path_ = field.field->name() + (path_.empty() ? "" : ".") + path_;
    return false;
  }

  /// Opens what has been written since `start`, each item with a comma before it: the first comma
  /// becomes the bracket.
  void Open(char bracket, std::size_t start) {
    if (out_.size() == start) {
      out_.push_back(bracket);
    } else {
      out_[start] = bracket;
    }
  }

  bool WriteObject(const MessageTable& table, const Message& message) {
    const std::size_t start = out_.size();
    if (!WriteFields(table, message, nullptr)) return false;
    Open('{', start);
    out_.push_back('}');
    return true;
  }

  bool WriteFields(const MessageTable& table, const Message& message, const FieldTable* left_out) {
    const Reflection* reflection = message.GetReflection();
    for (const FieldTable& field : table.fields) {
      if (&field == left_out) continue;
      if (field.has_presence && !reflection->HasField(message, field.field)) continue;
      out_.append(field.key);
      if (!WriteField(field, message)) return ProblemIn(field);
    }
    return true;
  }

  bool WriteField(const FieldTable& field, const Message& message) {
    if (field.is_map) return WriteMap(field, message);
    if (!field.is_repeated) return WriteOne(field, message, kSingle);
    const std::size_t start = out_.size();
    if (!WriteElements(field, message)) return false;
    Open('[', start);
    out_.push_back(']');
    return true;
  }

  bool WriteMap(const FieldTable& field, const Message& message) {
    const Reflection* reflection = message.GetReflection();
    const FieldTable& key = field.message->fields[0];
    const FieldTable& value = field.message->fields[1];
    const std::size_t start = out_.size();
    const int size = reflection->FieldSize(message, field.field);
    for (int i = 0; i < size; ++i) {
      const Message& entry = reflection->GetRepeatedMessage(message, field.field, i);
      out_.push_back(',');
      const std::size_t key_start = out_.size();
      if (!WriteOne(key, entry, kSingle)) return false;
      // Keys are strings in JSON whatever their type is.
      if (out_[key_start] != '"') {
        out_.insert(key_start, 1, '"');
        out_.push_back('"');
      }
      out_.push_back(':');
      if (!WriteOne(value, entry, kSingle)) return false;
    }
    Open('{', start);
    out_.push_back('}');
    return true;
  }

  /// Writes the value of a singular field, or the element `i` of a repeated one.
  bool WriteOne(const FieldTable& table, const Message& message, int i) {
    const Reflection& r = *message.GetReflection();
    const FieldDescriptor* f = table.field;
    const bool single = i == kSingle;
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        AppendJsonNumber(single ? r.GetInt32(message, f) : r.GetRepeatedInt32(message, f, i), out_);
        return true;
      case FieldDescriptor::CPPTYPE_UINT32:
        AppendJsonNumber(single ? r.GetUInt32(message, f) : r.GetRepeatedUInt32(message, f, i),
                         out_);
        return true;
      case FieldDescriptor::CPPTYPE_INT64:
        AppendQuotedJsonNumber(single ? r.GetInt64(message, f) : r.GetRepeatedInt64(message, f, i),
                               out_);
        return true;
      case FieldDescriptor::CPPTYPE_UINT64:
        AppendQuotedJsonNumber(
            single ? r.GetUInt64(message, f) : r.GetRepeatedUInt64(message, f, i), out_);
        return true;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        AppendJsonNumber(single ? r.GetDouble(message, f) : r.GetRepeatedDouble(message, f, i),
                         out_);
        return true;
      case FieldDescriptor::CPPTYPE_FLOAT:
        AppendJsonNumber(single ? r.GetFloat(message, f) : r.GetRepeatedFloat(message, f, i), out_);
        return true;
      case FieldDescriptor::CPPTYPE_BOOL:
        out_.append((single ? r.GetBool(message, f) : r.GetRepeatedBool(message, f, i)) ? "true"
                                                                                        : "false");
        return true;
      case FieldDescriptor::CPPTYPE_ENUM:
        AppendEnum(table,
                   single ? r.GetEnumValue(message, f) : r.GetRepeatedEnumValue(message, f, i),
                   out_);
        return true;
      case FieldDescriptor::CPPTYPE_STRING:
        return WriteString(f, single ? r.GetStringReference(message, f, &scratch_)
                                     : r.GetRepeatedStringReference(message, f, i, &scratch_));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return WriteMessage(*table.message, single ? r.GetMessage(message, f)
                                                   : r.GetRepeatedMessage(message, f, i));
    }
    return false;
  }

  bool WriteString(const FieldDescriptor* field, const std::string& value) {
    if (field->type() != FieldDescriptor::TYPE_BYTES) {
      return Appended(AppendJsonString(value, out_));
    }
    out_.push_back('"');
    AppendBase64(value, Base64Padding::kPadded, out_);
    out_.push_back('"');
    return true;
  }

  /// Writes a Value, which has exactly one of null, a number, a string, a bool, an object, a list.
  bool WriteValue(const MessageTable& table, const Message& message) {
    const Reflection& r = *message.GetReflection();
    for (const FieldTable& kind : table.fields) {
      if (!r.HasField(message, kind.field)) continue;
      if (kind.field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE &&
          !std::isfinite(r.GetDouble(message, kind.field))) {
        return Problem("holds a number that JSON does not have");
      }
      return WriteOne(kind, message, kSingle);
    }
    return Problem("is a google.protobuf.Value that holds nothing");
  }

  bool WriteAny(const Message& message) {
    const auto [type_url, value] = AnyPartsOf(message);
    if (type_url.empty() && value.empty()) {
      out_.append("{}");
      return true;
    }
    const std::unique_ptr<Message> inner = MakeAnyContent(type_url);
    if (!inner) return Problem("holds a type that is not known here");
    if (!inner->ParseFromString(value)) return Problem("holds bytes that are not of its type");
    const JsonFormat format(inner->GetDescriptor());
    out_.append("{\"@type\":");
    if (!Appended(AppendJsonString(type_url, out_))) return false;
    if (format.root().form == JsonForm::kOrdinary) {
      if (!WriteFields(format.root(), *inner, nullptr)) return false;
    } else {
      out_.append(",\"value\":");
      if (!WriteMessage(format.root(), *inner)) return false;
    }
    out_.push_back('}');
    return true;
  }

  std::string& out_;
  std::string path_;    ///< the path of the field with the problem
  std::string reason_;  ///< the problem
  std::string scratch_;
};

/// Returns the table of the field with that number, which must be repeated.
const FieldTable& RepeatedField(const JsonFormat& format, int number) {
  const FieldDescriptor* field = format.root().type->FindFieldByNumber(number);
  COUPOND_CHECK(field != nullptr && field->is_repeated() && !field->is_map());
  return format.root().fields[static_cast<std::size_t>(field->index())];
}

/// Runs the walk. If it fails, removes what it appended.
template <typename Walk>
std::expected<void, std::string> Write(std::string& out, Walk walk) {
  const std::size_t start = out.size();
  Writer writer(out);
  if (walk(writer)) return {};
  out.resize(start);
  return std::unexpected(writer.problem());
}

}  // namespace

std::expected<void, std::string> WriteJson(const JsonFormat& format, const Message& message,
                                           std::string& out) {
  return Write(out, [&](Writer& writer) { return writer.WriteMessage(format.root(), message); });
}

std::expected<void, std::string> WriteJsonOpenList(const JsonFormat& format, const Message& message,
                                                   int repeated_field_number, std::string& out) {
  const FieldTable& list = RepeatedField(format, repeated_field_number);
  return Write(
      out, [&](Writer& writer) { return writer.WriteOpenObject(format.root(), message, list); });
}

std::expected<void, std::string> WriteJsonElements(const JsonFormat& format, const Message& message,
                                                   int repeated_field_number, std::string& out) {
  const FieldTable& list = RepeatedField(format, repeated_field_number);
  return Write(out, [&](Writer& writer) { return writer.WriteElements(list, message); });
}

}  // namespace coupond::connect

#include "rpc/json/json_reader.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/display_text.h"
#include "base/error.h"
#include "rpc/json/json_document.h"
#include "rpc/json/json_scalar.h"
#include "rpc/json/unknown_fields.h"
#include "rpc/json/well_known_types.h"

namespace coupond::connect {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kAnyTypeKey = "@type";
constexpr std::string_view kAnyValueKey = "value";

/// The fields of a message that have been read. Most messages have few.
class SeenFields {
 public:
  /// Returns false if the field was added before.
  bool Add(std::size_t index) {
    if (index < 64) {
      const std::uint64_t bit = std::uint64_t{1} << index;
      const bool is_new = (few_ & bit) == 0;
      few_ |= bit;
      return is_new;
    }
    if (many_.size() <= index) many_.resize(index + 1);
    const bool is_new = !many_[index];
    many_[index] = true;
    return is_new;
  }

 private:
  std::uint64_t few_ = 0;
  std::vector<bool> many_;
};

/// One walk over a document. `place` is the index of a value's token. Functions that return bool
/// return false after they have recorded a problem.
class Reader {
 public:
  Reader(const JsonDocument& document, const Strictness& strictness)
      : document_(document), strictness_(strictness) {}

  [[nodiscard]] JsonProblem TakeProblem() { return std::move(problem_); }

  bool ReadMessage(const MessageTable& table, std::uint32_t place, Message& message) {
    switch (table.form) {
      case JsonForm::kOrdinary:
        return ReadObject(table, place, message, {});
      case JsonForm::kText:
        return ReadText(place, message);
      case JsonForm::kWrapper:
        return ReadField(table.fields.front(), place, message);
      case JsonForm::kValue:
        return ReadValue(table, place, message);
      case JsonForm::kAny:
        return ReadAny(place, message);
    }
    return false;
  }

 private:
  [[nodiscard]] const JsonToken& At(std::uint32_t place) const { return document_.At(place); }

  bool Problem(std::string reason) {
    problem_.reason = std::move(reason);
    return false;
  }

  /// Adds a step to the path of the problem, from the inside out.
  bool ProblemIn(std::string_view step) {
    std::string& path = problem_.path;
    const bool joined = path.empty() || path.front() == '[';
    path = std::string(step) + (joined ? "" : ".") + path;
    return false;
  }

  bool Expect(JsonKind kind, std::uint32_t place) {
    if (At(place).kind == kind) return true;
    return Problem("expected " + std::string(JsonKindName(kind)) + ", not " +
                   std::string(JsonKindName(At(place).kind)));
  }

  /// Reads the fields of an object. `ignored` is a key that belongs to the JSON form, not to the
  /// message.
  bool ReadObject(const MessageTable& table, std::uint32_t place, Message& message,
                  std::string_view ignored) {
    if (!Expect(JsonKind::kObject, place)) return false;
    SeenFields seen;
    for (std::uint32_t key = place + 1; key < At(place).end; key = At(key + 1).end) {
      if (!ignored.empty() && At(key).text == ignored) continue;
      const FieldTable* field = table.Find(At(key).text);
      if (field == nullptr) {
        if (!MayIgnore(table, At(key).text)) return ProblemIn(QuotedName(At(key).text));
        continue;
      }
      const bool read = seen.Add(field->index) ? ReadMember(*field, key + 1, message)
                                               : Problem("is given twice, under both its names");
      if (!read) return ProblemIn(field->field->name());
    }
    return true;
  }

  /// Reports whether a member that is not a field of the message may be ignored.
  bool MayIgnore(const MessageTable& table, std::string_view name) {
    auto problem = UnknownFieldProblem(table, name, strictness_);
    if (!problem) return true;
    problem_.is_unknown_field = true;
    return Problem(*std::move(problem));
  }

  /// Reads a member of an object. Null leaves the field unset, unless its type has null as a value.
  bool ReadMember(const FieldTable& field, std::uint32_t place, Message& message) {
    if (At(place).kind == JsonKind::kNull && !AcceptsNull(field)) return true;
    if (field.oneof != nullptr && message.GetReflection()->HasOneof(message, field.oneof)) {
      return Problem("only one field of " + Quoted(field.oneof->name()) + " may be given");
    }
    if (strictness_.refuses_empty_strings && IsEmptyString(field, At(place))) {
      return Problem("is empty; give a value, or leave the field out");
    }
    return ReadField(field, place, message);
  }

  static bool IsEmptyString(const FieldTable& field, const JsonToken& value) {
    return field.field->type() == FieldDescriptor::TYPE_STRING && value.kind == JsonKind::kString &&
           value.text.empty();
  }

  static bool AcceptsNull(const FieldTable& field) {
    if (field.is_repeated) return false;
    const bool is_value = field.message != nullptr && field.message->form == JsonForm::kValue;
    return is_value || field.is_null_value;
  }

  bool ReadField(const FieldTable& field, std::uint32_t place, Message& message) {
    if (field.is_map) return ReadMap(field, place, message);
    if (field.is_repeated) return ReadList(field, place, message);
    return ReadOne(field, place, message);
  }

  bool ReadList(const FieldTable& field, std::uint32_t place, Message& message) {
    if (!Expect(JsonKind::kArray, place)) return false;
    int index = 0;
    for (std::uint32_t element = place + 1; element < At(place).end; element = At(element).end) {
      if (!ReadOne(field, element, message)) {
        return ProblemIn("[" + std::to_string(index) + "]");
      }
      ++index;
    }
    return true;
  }

  bool ReadMap(const FieldTable& field, std::uint32_t place, Message& message) {
    if (!Expect(JsonKind::kObject, place)) return false;
    const FieldTable& key_field = field.message->fields[0];
    const FieldTable& value_field = field.message->fields[1];
    for (std::uint32_t key = place + 1; key < At(place).end; key = At(key + 1).end) {
      Message& entry = *message.GetReflection()->AddMessage(&message, field.field);
      const auto read_key = ReadMapKey(key_field.field, At(key).text, entry);
      const bool read = read_key ? ReadOne(value_field, key + 1, entry) : Problem(read_key.error());
      if (!read) return ProblemIn("[" + Quoted(At(key).text) + "]");
    }
    return true;
  }

  /// Reads the value of a singular field, or the next element of a repeated one.
  bool ReadOne(const FieldTable& table, std::uint32_t place, Message& message) {
    const FieldDescriptor* field = table.field;
    const Reflection* reflection = message.GetReflection();
    if (table.message == nullptr) {
      auto read = ReadScalar(table, At(place), message);
      return read || Problem(std::move(read.error()));
    }
    // An element of a list or a map cannot be unset.
    if (At(place).kind == JsonKind::kNull && table.message->form != JsonForm::kValue) {
      return Problem("null is not a value here");
    }
    Message& inner = field->is_repeated() ? *reflection->AddMessage(&message, field)
                                          : *reflection->MutableMessage(&message, field);
    return ReadMessage(*table.message, place, inner);
  }

  bool ReadText(std::uint32_t place, Message& message) {
    if (!Expect(JsonKind::kString, place)) return false;
    auto read = ReadWellKnownText(At(place).text, message);
    return read || Problem(std::move(read.error()));
  }

  bool ReadValue(const MessageTable& table, std::uint32_t place, Message& message) {
    const FieldTable* kind = nullptr;
    switch (At(place).kind) {
      case JsonKind::kNull:
        kind = table.Find("null_value");
        break;
      case JsonKind::kNumber:
        kind = table.Find("number_value");
        break;
      case JsonKind::kString:
        kind = table.Find("string_value");
        break;
      case JsonKind::kTrue:
      case JsonKind::kFalse:
        kind = table.Find("bool_value");
        break;
      case JsonKind::kObject:
        kind = table.Find("struct_value");
        break;
      case JsonKind::kArray:
        kind = table.Find("list_value");
        break;
    }
    return ReadOne(*kind, place, message);
  }

  bool ReadAny(std::uint32_t place, Message& message) {
    if (!Expect(JsonKind::kObject, place)) return false;
    if (At(place).end == place + 1) return true;
    const std::optional<std::uint32_t> type = Member(place, kAnyTypeKey);
    if (!type) return Problem("an Any needs \"@type\"");
    if (!Expect(JsonKind::kString, *type)) return ProblemIn(kAnyTypeKey);
    const std::string_view type_url = At(*type).text;
    const std::unique_ptr<Message> inner = MakeAnyContent(type_url);
    if (!inner) {
      return Problem("the type " + Quoted(type_url) + " is not known here");
    }
    const JsonFormat format(inner->GetDescriptor());
    if (format.root().form == JsonForm::kOrdinary) {
      if (!ReadObject(format.root(), place, *inner, kAnyTypeKey)) return false;
    } else {
      const std::optional<std::uint32_t> value = Member(place, kAnyValueKey);
      if (!value) return Problem("an Any of this type needs \"value\"");
      if (!CheckAnyMembers(place)) return false;
      if (!ReadMessage(format.root(), *value, *inner)) return ProblemIn(kAnyValueKey);
    }
    SetAnyParts({std::string(type_url), inner->SerializeAsString()}, message);
    return true;
  }

  /// Checks the members of an Any whose content has a JSON form of its own: there are only two.
  bool CheckAnyMembers(std::uint32_t place) {
    for (std::uint32_t key = place + 1; key < At(place).end; key = At(key + 1).end) {
      const std::string_view name = At(key).text;
      if (name == kAnyTypeKey || name == kAnyValueKey) continue;
      const std::string folded = FoldedName(name);
      if (strictness_.refuses_unknown || folded == kAnyTypeKey || folded == kAnyValueKey) {
        problem_.is_unknown_field = true;
        Problem("unknown field" + NameAdvice(name, std::array{kAnyTypeKey, kAnyValueKey}));
        return ProblemIn(QuotedName(name));
      }
    }
    return true;
  }

  /// Returns the value of that key in the object at `place`, or nullopt.
  [[nodiscard]] std::optional<std::uint32_t> Member(std::uint32_t place,
                                                    std::string_view name) const {
    for (std::uint32_t key = place + 1; key < At(place).end; key = At(key + 1).end) {
      if (At(key).text == name) return key + 1;
    }
    return std::nullopt;
  }

  const JsonDocument& document_;
  const Strictness strictness_;
  JsonProblem problem_;
};

}  // namespace

std::expected<void, JsonProblem> ReadJson(const JsonFormat& format, std::string_view json,
                                          Message& message, const Strictness& strictness) {
  message.Clear();
  JsonDocument document;
  if (auto parsed = document.Parse(json); !parsed) {
    return std::unexpected(JsonProblem{.reason = std::move(parsed.error())});
  }
  Reader reader(document, strictness);
  if (!reader.ReadMessage(format.root(), 0, message)) return std::unexpected(reader.TakeProblem());
  return {};
}

}  // namespace coupond::connect

#include "rpc/json/unknown_fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/nearest_name.h"
#include "rpc/json/json_text.h"
#include "rpc/json/well_known_types.h"

namespace coupond::connect {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::UnknownFieldSet;

/// The maximum number of known names to list; if there are more, none is listed.
constexpr std::size_t kListedNamesMax = 8;

bool LooksLikeAName(std::string_view text) {
  const auto belongs = [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '_' || c == '-' || c == '.' || c == '@' || c == '$';
  };
  return !text.empty() && std::ranges::all_of(text, belongs);
}

/// Describes the unknown field with this number. The parser also puts a known field among the
/// unknown ones if its wire type does not match the message type.
std::string NumberProblem(const Message& message, int number) {
  const FieldDescriptor* known = message.GetDescriptor()->FindFieldByNumber(number);
  std::string problem = "field " + std::to_string(number);
  if (known != nullptr) return problem + ": is not encoded as " + known->name() + " must be";
  return problem + ": unknown; " + message.GetTypeName() + " has no such field";
}

std::optional<std::string> FindWithinAny(const Message& any) {
  const auto [type_url, value] = AnyPartsOf(any);
  const std::unique_ptr<Message> content = MakeAnyContent(type_url);
  // Content that cannot be parsed is left for the handler to judge; here it is just bytes.
  if (!content || !content->ParseFromString(value)) return std::nullopt;
  const JsonFormat format(content->GetDescriptor());
  return FindUnknownField(format.root(), *content);
}

std::optional<std::string> FindInside(const FieldTable& field, const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated) {
    if (!reflection.HasField(message, field.field)) return std::nullopt;
    return FindUnknownField(*field.message, reflection.GetMessage(message, field.field));
  }
  for (int i = 0; i < reflection.FieldSize(message, field.field); ++i) {
    const Message& inner = reflection.GetRepeatedMessage(message, field.field, i);
    if (auto problem = FindUnknownField(*field.message, inner)) return problem;
  }
  return std::nullopt;
}

}  // namespace

std::string NameAdvice(std::string_view name, std::span<const std::string_view> known) {
  if (const auto nearest = NearestName(name, known)) {
    return "; did you mean " + std::string(*nearest) + "?";
  }
  if (known.empty() || known.size() > kListedNamesMax) return {};
  std::string advice = "; known are: ";
  for (const std::string_view each : known) {
    if (each != known.front()) advice.append(", ");
    advice.append(each);
  }
  return advice;
}

std::string QuotedName(std::string_view name) {
  std::string clipped = Clipped(name);
  if (LooksLikeAName(name)) return clipped;
  std::string quoted;
  AppendJsonStringLossy(clipped, quoted);
  return quoted;
}

std::optional<std::string> UnknownFieldProblem(const MessageTable& table, std::string_view name,
                                               const Strictness& strictness) {
  if (const FieldTable* meant = table.FindSimilar(name)) {
    return "unknown field; did you mean " + meant->field->json_name() + "?";
  }
  if (!strictness.refuses_unknown) return std::nullopt;
  std::vector<std::string_view> known;
  known.reserve(table.fields.size());
  for (const FieldTable& field : table.fields) known.push_back(field.field->json_name());
  return "unknown field" + NameAdvice(name, known);
}

std::optional<std::string> FindUnknownField(const MessageTable& table, const Message& message) {
  const UnknownFieldSet& unknown = message.GetReflection()->GetUnknownFields(message);
  if (!unknown.empty()) return NumberProblem(message, unknown.field(0).number());
  if (table.form == JsonForm::kAny) return FindWithinAny(message);
  for (const FieldTable& field : table.fields) {
    if (field.message == nullptr) continue;
    if (auto problem = FindInside(field, message)) return field.field->name() + ": " + *problem;
  }
  return std::nullopt;
}

}  // namespace coupond::connect

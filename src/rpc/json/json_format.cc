#include "rpc/json/json_format.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "rpc/json/json_text.h"

namespace coupond::connect {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

struct WellKnownType {
  std::string_view name;
  JsonForm form;
};

constexpr std::array<WellKnownType, 16> kWellKnownTypes = {{
    {"google.protobuf.Any", JsonForm::kAny},
    {"google.protobuf.BoolValue", JsonForm::kWrapper},
    {"google.protobuf.BytesValue", JsonForm::kWrapper},
    {"google.protobuf.DoubleValue", JsonForm::kWrapper},
    {"google.protobuf.Duration", JsonForm::kText},
    {"google.protobuf.FieldMask", JsonForm::kText},
    {"google.protobuf.FloatValue", JsonForm::kWrapper},
    {"google.protobuf.Int32Value", JsonForm::kWrapper},
    {"google.protobuf.Int64Value", JsonForm::kWrapper},
    {"google.protobuf.ListValue", JsonForm::kWrapper},
    {"google.protobuf.StringValue", JsonForm::kWrapper},
    {"google.protobuf.Struct", JsonForm::kWrapper},
    {"google.protobuf.Timestamp", JsonForm::kText},
    {"google.protobuf.UInt32Value", JsonForm::kWrapper},
    {"google.protobuf.UInt64Value", JsonForm::kWrapper},
    {"google.protobuf.Value", JsonForm::kValue},
}};

JsonForm FormOf(const Descriptor* type) {
  const auto known = std::ranges::find(kWellKnownTypes, type->full_name(), &WellKnownType::name);
  return known == kWellKnownTypes.end() ? JsonForm::kOrdinary : known->form;
}

FieldTable FieldTableOf(const FieldDescriptor* field) {
  FieldTable table;
  table.field = field;
  table.oneof = field->real_containing_oneof();
  table.index = static_cast<std::size_t>(field->index());
  table.key.push_back(',');
  AppendJsonStringLossy(field->json_name(), table.key);
  table.key.push_back(':');
  table.is_map = field->is_map();
  table.is_repeated = field->is_repeated();
  table.has_presence = field->has_presence();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    table.enum_type = field->enum_type();
    table.is_null_value = table.enum_type->full_name() == "google.protobuf.NullValue";
  }
  return table;
}

using Names = std::vector<std::pair<std::string, std::size_t>>;

std::optional<std::size_t> IndexOf(const Names& names, std::string_view name) {
  const auto found = std::ranges::lower_bound(
      names, name, {}, [](const auto& entry) { return std::string_view(entry.first); });
  if (found == names.end() || found->first != name) return std::nullopt;
  return found->second;
}

void SortUnique(Names& names) {
  std::ranges::sort(names);
  const auto duplicates = std::ranges::unique(names);
  names.erase(duplicates.begin(), duplicates.end());
}

}  // namespace

std::string FoldedName(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  for (const char c : name) {
    if (c != '_') folded.push_back(LowerCase(c));
  }
  return folded;
}

const FieldTable* MessageTable::Find(std::string_view name) const {
  const auto place = IndexOf(names, name);
  return place ? &fields[*place] : nullptr;
}

const FieldTable* MessageTable::FindSimilar(std::string_view name) const {
  const auto place = IndexOf(folded_names, FoldedName(name));
  return place ? &fields[*place] : nullptr;
}

JsonFormat::JsonFormat(const Descriptor* type) : root_(TableOf(type)) {}

JsonFormat::~JsonFormat() = default;

const MessageTable* JsonFormat::TableOf(const Descriptor* type) {
  const auto [entry, is_new] = tables_.try_emplace(type);
  if (!is_new) return entry->second.get();
  // The table is stored before those of its fields are made, because a type may contain itself.
  entry->second = std::make_unique<MessageTable>();
  MessageTable& table = *entry->second;
  table.type = type;
  table.form = FormOf(type);
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    table.fields.push_back(FieldTableOf(field));
    if (field->message_type() != nullptr) {
      table.fields.back().message = TableOf(field->message_type());
    }
    table.names.emplace_back(field->json_name(), static_cast<std::size_t>(i));
    table.names.emplace_back(field->name(), static_cast<std::size_t>(i));
  }
  for (const auto& [name, place] : table.names) {
    table.folded_names.emplace_back(FoldedName(name), place);
  }
  SortUnique(table.names);
  SortUnique(table.folded_names);
  return &table;
}

}  // namespace coupond::connect

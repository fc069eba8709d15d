#ifndef COUPOND_RPC_JSON_JSON_FORMAT_H_
#define COUPOND_RPC_JSON_JSON_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace google::protobuf {
class Descriptor;
class EnumDescriptor;
class FieldDescriptor;
class OneofDescriptor;
}  // namespace google::protobuf

/// The JSON form of the messages of a type, derived once per type so that reading and writing need
/// not consult the descriptors. Source: https://protobuf.dev/programming-guides/json/
namespace coupond::connect {

/// The JSON forms of messages. Some types of google.protobuf have one of their own; all others are
/// kOrdinary.
enum class JsonForm {
  kOrdinary,
  kText,     ///< Timestamp, Duration, FieldMask: a string, see well_known_types.h
  kWrapper,  ///< BoolValue, Int64Value, …, and Struct and ListValue: the form of their only field
  kValue,    ///< Value: any JSON
  kAny,      ///< Any: the message inside, with its type under "@type"
};

struct MessageTable;

struct FieldTable {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const google::protobuf::OneofDescriptor* oneof = nullptr;     ///< not for `optional` fields
  const google::protobuf::EnumDescriptor* enum_type = nullptr;  ///< of enum fields
  const MessageTable* message = nullptr;  ///< of message fields and maps' entries
  std::size_t index = 0;                  ///< in MessageTable::fields
  std::string key;                        ///< `,"lowerCamelCase":`, ready to be appended
  bool is_map = false;
  bool is_repeated = false;  ///< true for maps too
  bool is_null_value = false;
  bool has_presence = false;
};

struct MessageTable {
  const google::protobuf::Descriptor* type = nullptr;
  JsonForm form = JsonForm::kOrdinary;
  std::vector<FieldTable> fields;  ///< in the order of the .proto file
  /// The indices of the fields, by their lowerCamelCase and original names, sorted.
  std::vector<std::pair<std::string, std::size_t>> names;
  /// The same by their folded names (FoldedName).
  std::vector<std::pair<std::string, std::size_t>> folded_names;

  /// Returns the field of that name, or null.
  [[nodiscard]] const FieldTable* Find(std::string_view name) const;
  /// Returns the field whose name differs from that name only in case or underscores, or null.
  [[nodiscard]] const FieldTable* FindSimilar(std::string_view name) const;
};

/// Returns the name without underscores and in lower case. Two names with the same folded form are
/// two spellings of one name: "campaign_ID" and "campaignId".
[[nodiscard]] std::string FoldedName(std::string_view name);

/// One message type and all types that it can hold. Immutable, so any thread may use it. The
/// descriptors must outlive it.
class JsonFormat {
 public:
  explicit JsonFormat(const google::protobuf::Descriptor* type);
  JsonFormat(const JsonFormat&) = delete;
  JsonFormat& operator=(const JsonFormat&) = delete;
  ~JsonFormat();

  [[nodiscard]] const MessageTable& root() const { return *root_; }

 private:
  /// Returns the table of the type, which is made if it does not exist yet.
  const MessageTable* TableOf(const google::protobuf::Descriptor* type);

  std::map<const google::protobuf::Descriptor*, std::unique_ptr<MessageTable>> tables_;
  const MessageTable* root_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_FORMAT_H_

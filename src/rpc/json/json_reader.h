#ifndef COUPOND_RPC_JSON_JSON_READER_H_
#define COUPOND_RPC_JSON_JSON_READER_H_

#include <expected>
#include <string>
#include <string_view>

#include "rpc/json/json_format.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

/// Reads JSON into protobuf messages, strictly: the text must be RFC 8259 JSON in UTF-8 without
/// duplicate keys and not nested deeper than kJsonDepthMax. Fields that the message does not have
/// are ignored, unless the strictness forbids it, or the name differs from a known one only in case
/// or underscores. Null leaves a field unset. Text that is accepted here has the same meaning to
/// protobuf's own reader.
namespace coupond::connect {

/// The checks on a request beyond those that the protocols demand. By default, fields that a
/// message does not have are ignored, as in Connect's own implementations, so that newer clients
/// can talk to older servers.
struct Strictness {
  /// True to refuse what would otherwise be ignored: unknown fields and query parameters.
  bool refuses_unknown = false;
  /// True to refuse "" in JSON as the value of a string field. It would count as absent, because
  /// the messages do not distinguish the two.
  bool refuses_empty_strings = false;
};

/// Why JSON is refused, for the client.
struct JsonProblem {
  std::string path = {};  ///< of the field; empty if it is not about a field
  std::string reason;
  bool is_unknown_field = false;

  /// Returns both: "campaign.total_coupons: 99999999999 is out of range for int32".
  [[nodiscard]] std::string Text() const { return path.empty() ? reason : path + ": " + reason; }
};

/// Replaces the contents of the message, which must be of the format's type. After an error the
/// contents of the message are undefined.
[[nodiscard]] std::expected<void, JsonProblem> ReadJson(const JsonFormat& format,
                                                        std::string_view json,
                                                        google::protobuf::Message& message,
                                                        const Strictness& strictness = {});

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_READER_H_

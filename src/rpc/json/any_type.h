#ifndef COUPOND_RPC_JSON_ANY_TYPE_H_
#define COUPOND_RPC_JSON_ANY_TYPE_H_

#include <memory>
#include <string>
#include <string_view>

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

/// google.protobuf.Any: a message of any type, as a type URL and bytes. The types known are those
/// whose generated code is linked into the program, under "type.googleapis.com/".
namespace coupond::connect {

struct AnyParts {
  std::string type_url;
  std::string value;
};

/// The two fields of an Any.
[[nodiscard]] AnyParts AnyPartsOf(const google::protobuf::Message& any);
void SetAnyParts(const AnyParts& parts, google::protobuf::Message& any);

/// An empty message of the type that the URL names; null if that type is not known.
[[nodiscard]] std::unique_ptr<google::protobuf::Message> MakeAnyContent(std::string_view type_url);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_ANY_TYPE_H_

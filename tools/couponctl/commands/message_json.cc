#include "couponctl/commands/message_json.h"

#include <google/protobuf/util/json_util.h>

#include "base/check.h"

namespace coupond::ctl {

std::string JsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  COUPOND_CHECK(status.ok());  // only an unresolvable Any could fail, and there is none
  return json + "\n";
}

}  // namespace coupond::ctl

#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_MESSAGE_JSON_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_MESSAGE_JSON_H_

#include <string>

namespace google::protobuf {
class Message;
}

namespace coupond::ctl {

/// The message as one JSON object on one line, with its newline. Fields that are zero are there
/// too, so that programs need no defaults.
[[nodiscard]] std::string JsonLine(const google::protobuf::Message& message);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_MESSAGE_JSON_H_

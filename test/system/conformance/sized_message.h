#ifndef COUPOND_TEST_SYSTEM_CONFORMANCE_SIZED_MESSAGE_H_
#define COUPOND_TEST_SYSTEM_CONFORMANCE_SIZED_MESSAGE_H_

#include <iosfwd>

namespace google::protobuf {
class Message;
}

/// How the suite's runner and the server under test talk: each message has its size before it, four
/// bytes, the highest first.
namespace coupond::conformance {

/// False if the stream ends too early or does not hold such a message.
[[nodiscard]] bool ReadSized(std::istream& in, google::protobuf::Message& message);

/// False if the stream took not all of it. It is flushed.
[[nodiscard]] bool WriteSized(const google::protobuf::Message& message, std::ostream& out);

}  // namespace coupond::conformance

#endif  // COUPOND_TEST_SYSTEM_CONFORMANCE_SIZED_MESSAGE_H_

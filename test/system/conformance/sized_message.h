#ifndef COUPOND_TEST_SYSTEM_CONFORMANCE_SIZED_MESSAGE_H_
#define COUPOND_TEST_SYSTEM_CONFORMANCE_SIZED_MESSAGE_H_

#include <iosfwd>

namespace google::protobuf {
class Message;
}

/// Messages between the suite's runner and the server under test: each is preceded by its size in
/// four bytes, big-endian.
namespace coupond::conformance {

/// Returns false if the stream ends too early or does not contain such a message.
[[nodiscard]] bool ReadSized(std::istream& in, google::protobuf::Message& message);

/// Writes and flushes the message. Returns false if that fails.
[[nodiscard]] bool WriteSized(const google::protobuf::Message& message, std::ostream& out);

}  // namespace coupond::conformance

#endif  // COUPOND_TEST_SYSTEM_CONFORMANCE_SIZED_MESSAGE_H_

#include "rpc/connect/envelope.h"

#include <limits>

#include "base/bug.h"

namespace coupond::connect {
namespace {

std::uint32_t LengthIn(std::string_view head) {
  std::uint32_t length = 0;
  for (const char c : head.substr(1, 4)) length = length << 8 | static_cast<unsigned char>(c);
  return length;
}

}  // namespace

Error MessageTooLarge(std::size_t bytes_max) {
  return {.code = Code::kResourceExhausted,
          .message = "the message has more than " + std::to_string(bytes_max) +
                     " bytes, uncompressed; that is the limit"};
}

std::expected<Envelope, Error> ReadOnlyEnvelope(std::string_view body, std::size_t bytes_max) {
  if (body.empty()) return MakeError(Code::kUnimplemented, "the request has no message; send one");
  if (body.size() < kEnvelopeHeadBytes) {
    return MakeError(Code::kInvalidArgument,
                     "the request ends within an envelope's head, which has 5 bytes");
  }
  const auto flags = static_cast<std::uint8_t>(body.front());
  if ((flags & ~kCompressedFlag) != 0) {
    return MakeError(Code::kInvalidArgument,
                     "the envelope's flags are " + std::to_string(flags) +
                         "; only 0 and 1 (compressed) have a meaning in a request");
  }
  const std::size_t length = LengthIn(body);
  if (length > bytes_max) return std::unexpected(MessageTooLarge(bytes_max));
  body.remove_prefix(kEnvelopeHeadBytes);
  if (body.size() < length) {
    return MakeError(Code::kInvalidArgument, "the envelope says that its message has " +
                                                 std::to_string(length) + " bytes, but only " +
                                                 std::to_string(body.size()) + " came");
  }
  if (body.size() > length) {
    return MakeError(Code::kUnimplemented,
                     "the request has more than one message, but the method takes one");
  }
  return Envelope{.compressed = flags == kCompressedFlag, .message = body};
}

void AppendEnvelope(std::uint8_t flags, std::string_view message, std::string& out) {
  BugUnless(message.size() <= std::numeric_limits<std::uint32_t>::max(),
            "an envelope's message is shorter than 4 GiB");
  const auto length = static_cast<std::uint32_t>(message.size());
  out.push_back(static_cast<char>(flags));
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>(length >> shift & 0xff));
  out.append(message);
}

}  // namespace coupond::connect

#include "system/conformance/sized_message.h"

#include <google/protobuf/message.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <ostream>
#include <string>

namespace coupond::conformance {
namespace {

/// The runner's own limit is 16 MiB, so a larger size is malformed.
constexpr std::uint32_t kMessageBytesMax = 16 * 1024 * 1024;

}  // namespace

bool ReadSized(std::istream& in, google::protobuf::Message& message) {
  std::array<char, 4> prefix;
  if (!in.read(prefix.data(), prefix.size())) return false;
  std::uint32_t size = 0;
  for (const char byte : prefix) size = (size << 8) | static_cast<unsigned char>(byte);
  if (size > kMessageBytesMax) return false;
  std::string bytes(size, '\0');
  return in.read(bytes.data(), static_cast<std::streamsize>(size)) &&
         message.ParseFromString(bytes);
}

bool WriteSized(const google::protobuf::Message& message, std::ostream& out) {
  const std::string bytes = message.SerializeAsString();
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.put(static_cast<char>((bytes.size() >> shift) & 0xff));
  }
  out << bytes << std::flush;
  return out.good();
}

}  // namespace coupond::conformance

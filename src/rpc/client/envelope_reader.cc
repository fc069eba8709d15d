#include "rpc/client/envelope_reader.h"

#include "base/check.h"

namespace coupond::ctl {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kHeadBytes = 1 + kLengthBytes;

std::size_t LengthIn(std::string_view head) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < kHeadBytes; ++i) {
    length = length << 8U | static_cast<unsigned char>(head[i]);
  }
  return length;
}

}  // namespace

void EnvelopeReader::Append(std::string_view bytes) {
  bytes_.erase(0, read_);
  read_ = 0;
  if (!too_large_) bytes_.append(bytes);
}

std::optional<EnvelopeReader::Envelope> EnvelopeReader::Next() {
  const std::string_view rest = std::string_view(bytes_).substr(read_);
  if (too_large_ || rest.size() < kHeadBytes) return std::nullopt;
  const std::size_t length = LengthIn(rest);
  too_large_ = length > message_bytes_max_;
  if (too_large_ || rest.size() - kHeadBytes < length) return std::nullopt;
  read_ += kHeadBytes + length;
  return Envelope{.flags = static_cast<std::uint8_t>(rest[0]),
                  .message = rest.substr(kHeadBytes, length)};
}

void AppendEnvelope(std::string_view message, std::string& out) {
  COUPOND_CHECK(message.size() >> 32U == 0);
  out.push_back('\0');
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    out.push_back(static_cast<char>(message.size() >> (8 * i) & 0xffU));
  }
  out.append(message);
}

}  // namespace coupond::ctl

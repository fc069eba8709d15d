#ifndef COUPOND_RPC_CLIENT_ENVELOPE_READER_H_
#define COUPOND_RPC_CLIENT_ENVELOPE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coupond::ctl {

/// Takes the body of a Connect stream apart, in whatever pieces it comes: one byte of flags, the
/// length in four bytes, big-endian, then the message; and so on. One thread at a time.
class EnvelopeReader {
 public:
  struct Envelope {
    std::uint8_t flags = 0;
    std::string_view message;
  };

  /// Longer messages make the rest unreadable; they are not waited for.
  explicit EnvelopeReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  void Append(std::string_view bytes);
  /// The next envelope that has come whole; its message is valid until Append.
  [[nodiscard]] std::optional<Envelope> Next();
  /// Whether a message was said to be longer than the limit; nothing follows then.
  [[nodiscard]] bool too_large() const { return too_large_; }

 private:
  const std::size_t message_bytes_max_;
  std::string bytes_;
  std::size_t read_ = 0;  // of bytes_, by Next
  bool too_large_ = false;
};

/// Appends one envelope without flags. The message must be shorter than 4 GiB.
void AppendEnvelope(std::string_view message, std::string& out);

/// Flag of an envelope whose message is compressed.
inline constexpr std::uint8_t kCompressedFlag = 0x01;
/// Flag of an envelope that is the last one of a stream, in JSON.
inline constexpr std::uint8_t kEndFlag = 0x02;

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_ENVELOPE_READER_H_

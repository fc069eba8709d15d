#ifndef COUPOND_RPC_CONNECT_ENVELOPE_H_
#define COUPOND_RPC_CONNECT_ENVELOPE_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "rpc/connect/error.h"

/// Messages in a stream: one byte of flags, the length in four bytes, big-endian, then the message.
/// Connect's streams and gRPC-Web share this form.
namespace coupond::connect {

inline constexpr std::size_t kEnvelopeHeadBytes = 5;

inline constexpr std::uint8_t kCompressedFlag = 0x01;
inline constexpr std::uint8_t kConnectEndFlag = 0x02;       ///< the last one of a Connect stream
inline constexpr std::uint8_t kGrpcWebTrailersFlag = 0x80;  ///< the last one of gRPC-Web

struct Envelope {
  bool compressed = false;
  std::string_view message;  ///< as it travels
};

/// The one message of a request whose method takes just one. The errors are the client's: no
/// message or several (unimplemented), an envelope that is cut short or has unknown flags
/// (invalid_argument), one that says that it is larger than `bytes_max` (resource_exhausted).
[[nodiscard]] std::expected<Envelope, Error> ReadOnlyEnvelope(std::string_view body,
                                                              std::size_t bytes_max);

/// The message must be shorter than 4 GiB.
void AppendEnvelope(std::uint8_t flags, std::string_view message, std::string& out);

/// That a message is too large, in the same words wherever that is found out.
[[nodiscard]] Error MessageTooLarge(std::size_t bytes_max);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ENVELOPE_H_

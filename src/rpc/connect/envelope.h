#ifndef COUPOND_RPC_CONNECT_ENVELOPE_H_
#define COUPOND_RPC_CONNECT_ENVELOPE_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "rpc/connect/error.h"
#include "rpc/connect/metadata.h"

/// Messages in a stream: one byte of flags, the length in four bytes, big-endian, then the message.
/// Connect's streams and gRPC-Web share this form, and end with an envelope that tells how the call
/// ended.
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

/// {"error":{…}?,"metadata":{"name":["value",…]}?}, of a Connect stream. `error` is null if all
/// went well; its own headers count as trailers.
[[nodiscard]] std::string ConnectStreamEnd(const Error* error, const Metadata& trailers);

/// "grpc-status: 0\r\n…", of gRPC-Web: lower-case names, no empty line at the end.
[[nodiscard]] std::string GrpcWebTrailers(const Error* error, const Metadata& trailers);

/// Text as grpc-message has it: bytes outside of printable ASCII, and '%', become %XX.
[[nodiscard]] std::string PercentEncodeGrpcMessage(std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ENVELOPE_H_

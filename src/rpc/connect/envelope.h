#ifndef COUPOND_RPC_CONNECT_ENVELOPE_H_
#define COUPOND_RPC_CONNECT_ENVELOPE_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "rpc/connect/error.h"

/// Messages in a stream: one byte of flags, the length in four bytes, big-endian, then the message.
/// Connect's streams and gRPC-Web share this form, and end with an envelope that says how the call
/// ended.
namespace coupond::connect {

inline constexpr std::size_t kEnvelopeHeadBytes = 5;

inline constexpr std::uint8_t kCompressedFlag = 0x01;
inline constexpr std::uint8_t kConnectEndFlag = 0x02;       ///< the last one of a Connect stream
inline constexpr std::uint8_t kGrpcWebTrailersFlag = 0x80;  ///< the last one of gRPC-Web

/// The reason of errors in a request's envelopes.
inline constexpr std::string_view kEnvelopeMalformed = "ENVELOPE_MALFORMED";

struct Envelope {
  bool compressed = false;
  std::string_view message;  ///< as received, perhaps compressed
};

/// Returns the only message of a request. The errors are the client's: no message or several
/// (unimplemented), an envelope that is cut short or has unknown flags (invalid_argument), a
/// message longer than `bytes_max` (resource_exhausted).
[[nodiscard]] std::expected<Envelope, Error> ReadOnlyEnvelope(std::string_view body,
                                                              std::size_t bytes_max);

/// Appends an envelope. The message must be shorter than 4 GiB.
void AppendEnvelope(std::uint8_t flags, std::string_view message, std::string& out);
/// Returns the envelope of a message that is in parts, and not compressed.
[[nodiscard]] std::string EnvelopeOf(std::span<const std::string_view> parts);

/// Returns the error of a message that is too large, in the same words wherever that is detected.
[[nodiscard]] Error MessageTooLarge(std::size_t bytes_max);

/// Returns the last message of a Connect stream: {"error":{…}?,"metadata":{"name":["value",…]}?}.
/// `error` is null if the call succeeded; its headers are sent as trailers.
[[nodiscard]] std::string ConnectStreamEnd(const Error* error, const Metadata& trailers);

/// Returns the last message of a gRPC-Web call: "grpc-status: 0\r\n…", with lower-case names and no
/// empty line at the end.
[[nodiscard]] std::string GrpcWebTrailers(const Error* error, const Metadata& trailers);

/// Encodes text for grpc-message: bytes outside printable ASCII, and '%', become %XX.
[[nodiscard]] std::string PercentEncodeGrpcMessage(std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ENVELOPE_H_

#ifndef COUPOND_RPC_CONNECT_CODEC_H_
#define COUPOND_RPC_CONNECT_CODEC_H_

#include <expected>
#include <string>
#include <string_view>

#include "rpc/connect/error.h"
#include "rpc/json/json_format.h"
#include "rpc/json/json_reader.h"

namespace google::protobuf {
class Message;
}

/// The two encodings of messages.
namespace coupond::connect {

enum class Codec { kProto, kJson };

/// Replaces the contents of the message by what the bytes encode. The error is the client's:
/// invalid_argument, with the reason. `format` must be of the message's type.
[[nodiscard]] std::expected<void, Error> Decode(Codec codec, const JsonFormat& format,
                                                std::string_view bytes,
                                                google::protobuf::Message& message,
                                                const Strictness& strictness = {});

/// Returns the message's bytes. The error is the server's: internal.
[[nodiscard]] std::expected<std::string, Error> Encode(Codec codec, const JsonFormat& format,
                                                       const google::protobuf::Message& message);

/// Returns an internal error, for a response that could not be encoded.
[[nodiscard]] Error EncodingError(std::string_view reason);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CODEC_H_

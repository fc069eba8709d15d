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

/// The two ways in which messages are written.
namespace coupond::connect {

enum class Codec { kProto, kJson };

/// Replaces what the message held by what the bytes say. The error is the client's:
/// invalid_argument, with the reason. `format` must be of the message's type.
[[nodiscard]] std::expected<void, Error> Decode(Codec codec, const JsonFormat& format,
                                                std::string_view bytes,
                                                google::protobuf::Message& message,
                                                const Strictness& strictness = {});

/// The error is ours: internal.
[[nodiscard]] std::expected<std::string, Error> Encode(Codec codec, const JsonFormat& format,
                                                       const google::protobuf::Message& message);

/// An internal error, for an answer that could not be written.
[[nodiscard]] Error EncodingError(std::string_view reason);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CODEC_H_

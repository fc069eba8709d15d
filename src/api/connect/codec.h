#ifndef COUPOND_API_CONNECT_CODEC_H_
#define COUPOND_API_CONNECT_CODEC_H_

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/connect/error.h"
#include "api/connect/json_format.h"

namespace google::protobuf {
class Message;
}

/// The two ways in which messages travel, and the content types that name them.
namespace coupond::connect {

enum class Codec { kProto, kJson };

/// "application/proto", "application/json".
[[nodiscard]] std::string_view ContentTypeOf(Codec codec);

/// The codec that a Content-Type header asks for; nothing if it is another type, or names another
/// charset than UTF-8. Other parameters are ignored.
[[nodiscard]] std::optional<Codec> CodecOfContentType(std::string_view header);

/// Replaces what the message held by what the body says. The error is the client's:
/// invalid_argument, with the reason. `format` must be of the message's type.
[[nodiscard]] std::expected<void, Error> Decode(Codec codec, const JsonFormat& format,
                                                std::string_view body,
                                                google::protobuf::Message& message);

/// The error is ours: internal.
[[nodiscard]] std::expected<std::string, Error> Encode(Codec codec, const JsonFormat& format,
                                                       const google::protobuf::Message& message);

/// An internal error, for an answer that could not be written.
[[nodiscard]] Error EncodingError(std::string_view reason);

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_CODEC_H_

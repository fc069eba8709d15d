#ifndef COUPOND_RPC_JSON_JSON_READER_H_
#define COUPOND_RPC_JSON_JSON_READER_H_

#include <expected>
#include <string>
#include <string_view>

#include "rpc/json/json_format.h"
#include "rpc/json/strictness.h"

namespace google::protobuf {
class Message;
}

/// JSON into protobuf messages, strictly: the text must be RFC 8259 JSON in UTF-8 without doubled
/// keys and not deeper than kJsonDepthMax. Fields that the message does not have are ignored unless
/// the strictness says otherwise, or their name is a known one but for case and underscores; null
/// leaves a field unset. Whatever is accepted here means the same to protobuf's own reader.
namespace coupond::connect {

/// Replaces what the message held; it must be of the format's type. The error is for the client: it
/// names the field, "campaign.total_coupons: 99999999999 is out of range for int32". After an error
/// the message holds anything.
[[nodiscard]] std::expected<void, std::string> ReadJson(const JsonFormat& format,
                                                        std::string_view json,
                                                        google::protobuf::Message& message,
                                                        const Strictness& strictness = {});

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_READER_H_

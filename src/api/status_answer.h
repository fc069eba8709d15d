#ifndef COUPOND_API_STATUS_ANSWER_H_
#define COUPOND_API_STATUS_ANSWER_H_

#include <string>
#include <string_view>

#include "engine/rules/timestamp.h"
#include "rpc/connect/codec.h"

namespace coupond::api {

/// Returns the bytes of a GetCampaignStatusResponse. `rest` is the encoded message without its
/// server_time, which is the first field and the only one that differs from one answer to the next
/// while the campaign does not change. Any thread.
[[nodiscard]] std::string WithServerTime(connect::Codec codec, Timestamp server_time,
                                         std::string_view rest);

}  // namespace coupond::api

#endif  // COUPOND_API_STATUS_ANSWER_H_

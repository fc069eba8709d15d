#ifndef COUPOND_RPC_CONNECT_VALUE_COUNT_H_
#define COUPOND_RPC_CONNECT_VALUE_COUNT_H_

#include <cstddef>
#include <string_view>

#include "rpc/connect/codec.h"

namespace coupond::connect {

/// Returns a number that is not less than that of the values which reading the message would make:
/// in JSON its values and keys, in protobuf its fields, without those inside of messages in it.
/// Takes no memory. What is no message is counted up to where that shows, or somehow.
[[nodiscard]] std::size_t ValuesAtMost(Codec codec, std::string_view message);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_VALUE_COUNT_H_

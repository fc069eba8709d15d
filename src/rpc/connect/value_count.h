#ifndef COUPOND_RPC_CONNECT_VALUE_COUNT_H_
#define COUPOND_RPC_CONNECT_VALUE_COUNT_H_

#include <cstddef>
#include <string_view>

#include "rpc/connect/codec.h"

namespace coupond::connect {

/// Returns an upper bound of the number of values that reading the message makes: in JSON its
/// values and keys, in protobuf its fields, each of which must be a single value (no packed numbers
/// and no messages). Takes no memory. Malformed input is counted up to its fault, or arbitrarily.
[[nodiscard]] std::size_t ValuesAtMost(Codec codec, std::string_view message);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_VALUE_COUNT_H_

#ifndef COUPOND_API_MAPPED_H_
#define COUPOND_API_MAPPED_H_

#include <expected>
#include <string>
#include <utility>

#include "rpc/connect/error.h"

namespace coupond::api {

/// What a request, or a field of one, is mapped to, or why it cannot be.
template <typename T>
using Mapped = std::expected<T, connect::Error>;

[[nodiscard]] inline std::unexpected<connect::Error> InvalidArgument(std::string message) {
  return connect::MakeError(connect::Code::kInvalidArgument, std::move(message));
}

}  // namespace coupond::api

#endif  // COUPOND_API_MAPPED_H_

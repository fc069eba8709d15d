#ifndef COUPOND_API_MAPPED_H_
#define COUPOND_API_MAPPED_H_

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/connect/error.h"

namespace coupond::api {

/// What a request, or a field of one, is mapped to, or why it cannot be.
template <typename T>
using Mapped = std::expected<T, connect::Error>;

/// Returns the error of a request's field. `problem` continues a sentence that begins with it.
[[nodiscard]] inline std::unexpected<connect::Error> InvalidField(std::string_view field,
                                                                  std::string_view problem) {
  std::string message(field);
  message.append(": ").append(problem);
  return std::unexpected(connect::Error{.code = connect::Code::kInvalidArgument,
                                        .message = std::move(message),
                                        .reason = connect::kFieldInvalid,
                                        .field = std::string(field)});
}

/// Returns the error of several fields, of which `field` is one. `message` is a sentence.
[[nodiscard]] inline std::unexpected<connect::Error> InvalidFields(std::string_view field,
                                                                   std::string message) {
  return std::unexpected(connect::Error{.code = connect::Code::kInvalidArgument,
                                        .message = std::move(message),
                                        .reason = connect::kFieldInvalid,
                                        .field = std::string(field)});
}

}  // namespace coupond::api

#endif  // COUPOND_API_MAPPED_H_

#ifndef COUPOND_RPC_CLIENT_FOREIGN_ANSWER_H_
#define COUPOND_RPC_CLIENT_FOREIGN_ANSWER_H_

#include <string_view>

#include "rpc/client/connect_protocol.h"
#include "rpc/client/response_reader.h"

/// Answers that do not come from coupond: a proxy's page that says that coupond is down, or the
/// answer of another server that listens where --server points.
namespace coupond::ctl {

/// Returns the error for such an answer. Its code comes from the Connect protocol's table of HTTP
/// statuses, whatever the body says. Its message names what answered and what to check, and is safe
/// to print on a terminal.
[[nodiscard]] CallError ForeignAnswer(const HttpAnswer& answer);

/// Reports whether the answer's content type is `type`, ignoring parameters and case.
[[nodiscard]] bool IsMediaType(const HttpAnswer& answer, std::string_view type);

/// Reports whether the body is compressed, which couponctl never asks for.
[[nodiscard]] bool IsCompressed(const HttpAnswer& answer);

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_FOREIGN_ANSWER_H_

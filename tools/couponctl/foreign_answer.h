#ifndef COUPOND_TOOLS_COUPONCTL_FOREIGN_ANSWER_H_
#define COUPOND_TOOLS_COUPONCTL_FOREIGN_ANSWER_H_

#include <string_view>

#include "couponctl/connect_protocol.h"
#include "couponctl/response_reader.h"

/// Answers that are not coupond's: a proxy's page that says that coupond is down, or whatever else
/// listens where --server points.
namespace coupond::ctl {

/// Returns the error that such an answer stands for. Its code is that of the Connect protocol's
/// table of HTTP statuses, whatever the body says. Its message names what answered, with what to
/// check, and is fit for a terminal.
[[nodiscard]] CallError ForeignAnswer(const HttpAnswer& answer);

/// Whether the answer's content type is `type`, parameters and capitals aside.
[[nodiscard]] bool IsMediaType(const HttpAnswer& answer, std::string_view type);

/// Whether the body is compressed, which couponctl never asks for.
[[nodiscard]] bool IsCompressed(const HttpAnswer& answer);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_FOREIGN_ANSWER_H_

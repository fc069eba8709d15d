#ifndef COUPOND_RPC_CONNECT_CONDITIONAL_GET_H_
#define COUPOND_RPC_CONNECT_CONDITIONAL_GET_H_

#include <string_view>

#include "rpc/http/handler.h"

/// What makes the answer of a GET one that caches can keep and ask about.
namespace coupond::connect {

/// Adds Vary: Accept-Encoding and, if the method's handler did not set it, Cache-Control: no-cache:
/// the answer may be kept, but must be asked about before it is used again.
void AddCacheHeaders(http::Response& answer);

/// An error must not be kept: by HTTP's own rules a cache may keep a 404 or a 501 for a while, and
/// answer with it though the campaign is there by now. Sets Cache-Control: no-store if the answer
/// is an error.
void ForbidKeepingErrors(http::Response& answer);

/// Adds an ETag made from the body (RFC 9110, section 8.8.3). If the client has that very body, by
/// its If-None-Match, the answer becomes a 304 without one. Answers other than 200 stay as they
/// are.
///
/// The tag is a 64-bit hash of the body with the body's length: enough to tell answers apart, but
/// not meant to resist somebody who makes two bodies with the same one on purpose.
void AddEntityTag(std::string_view if_none_match, http::Response& answer);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CONDITIONAL_GET_H_

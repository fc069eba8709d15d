#ifndef COUPOND_API_REQUEST_KEYS_H_
#define COUPOND_API_REQUEST_KEYS_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "api/mapped.h"
#include "api/text_mapping.h"
#include "engine/codes/claim_digest.h"
#include "engine/rules/command.h"
#include "engine/rules/coupon.h"

/// Maps what makes a request that is sent again take place once: its request_id, which the header
/// Idempotency-Key may give instead, and all that it asks for.
namespace coupond::api {

/// Returns the request_id of a request, in the message or in the header Idempotency-Key; empty if
/// it has none.
[[nodiscard]] Mapped<std::string> MapRequestId(const std::string& in_message,
                                               const std::optional<std::string>& idempotency_key);

/// Returns the request_id that the header Idempotency-Key gives. `in_message` is that of the
/// message, which must be empty or the same. Refers to `key`.
[[nodiscard]] Mapped<MappedText> MapIdempotencyKey(const std::string& key,
                                                   const MappedText& in_message);

/// Returns the key of a request with this id, or nullopt if it has none. `content` is all that it
/// asks for, the method first.
[[nodiscard]] std::optional<RequestKey> KeyOf(ClaimDigest& claims, const std::string& request_id,
                                              std::initializer_list<std::string_view> content);

/// Returns what a request asks for, as bytes for KeyOf. They never change, because the log keeps
/// their digest: what a request does not give adds nothing, so that a version with more fields
/// makes the same of it.
[[nodiscard]] std::string ContentOf(const CreateCampaign& command);
[[nodiscard]] std::string ContentOf(const UpdateCampaign& command);
[[nodiscard]] std::string ContentOf(const BatchIssueCoupons& command);

}  // namespace coupond::api

#endif  // COUPOND_API_REQUEST_KEYS_H_

#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_RECORD_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_RECORD_H_

#include <string>
#include <string_view>

#include "engine/ports/event_log.h"

/// The parts of a log record, written without EventCodec, which would abort rather than write what
/// the engine must not.
namespace coupond::test {

[[nodiscard]] std::string EncodePayload(const CommitGroup& group);
/// Returns the user_ids of the group's coupons.
[[nodiscard]] std::string EncodeHolders(const CommitGroup& group);
/// Returns the part of a record that has the user_ids.
[[nodiscard]] std::string_view HoldersOf(std::string_view record);

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_RECORD_H_

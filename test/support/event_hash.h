#ifndef COUPOND_TEST_SUPPORT_EVENT_HASH_H_
#define COUPOND_TEST_SUPPORT_EVENT_HASH_H_

#include "engine/ports/event_log.h"

namespace coupond::test {

/// Returns the hash of a group in a fake log. It is not SHA-256, but depends on the hash before and
/// on everything in the group but the users' texts, so two logs that differ in any event otherwise
/// have different hashes.
[[nodiscard]] GroupHash FakeHashAfter(const GroupHash& previous, const CommitGroup& group);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_EVENT_HASH_H_

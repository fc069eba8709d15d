#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_COMPARE_INDEX_KEYS_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_COMPARE_INDEX_KEYS_H_

#include <cstdint>
#include <string>

#include "engine/codes/user_digest.h"
#include "engine/rules/ids.h"
#include "storage/views/user_index_rows.h"
#include "tools/coupon_audit/planted_events.h"

/// Keys of the index by user in a PlantedStore's views.
namespace coupond::test {

inline UserDigest DigestOf(const std::string& user_id) {
  return UserDigests(PlantedIdentity().code_key).Of(user_id);
}
inline std::string BucketKeyOf(const std::string& user_id, std::uint64_t last) {
  return storage::BucketKey(storage::BucketOf(DigestOf(user_id)), Sequence(last));
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_COMPARE_INDEX_KEYS_H_

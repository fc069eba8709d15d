#ifndef COUPOND_API_BATCHES_BATCH_MAPPING_H_
#define COUPOND_API_BATCHES_BATCH_MAPPING_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/mapped.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/rules/command.h"
#include "engine/rules/decide.h"
#include "engine/rules/ids.h"

/// Maps BatchIssueCoupons to the engine's command. As in command_mapping.h, the rules judge
/// everything that a command can express.
namespace coupond::api {

/// A user of a batch, as answers show and recognise the user.
struct BatchUser {
  std::string user_id;                              ///< in normal form
  std::optional<std::string> user_id_as_sent = {};  ///< if that differs, and old stores may have it
  Claim holder = {};
  std::optional<Claim> request_key = {};
};

struct MappedBatch {
  BatchIssueCoupons command;     ///< with `results`
  std::vector<BatchUser> users;  ///< those of the command, in its order
};

/// Maps one request. Each user is mapped as by MapIssueCoupon; an error names the place in the
/// list, "user_ids[3]". A user's request key is made of the batch's request_id, which the header
/// Idempotency-Key may give instead, and of the number of times that the list has named the user.
///
/// Digesting 10,000 users takes tens of milliseconds, so they can be mapped some at a time. For the
/// thread of the ClaimDigest, which must be the same for all calls.
class BatchMapping {
 public:
  /// Maps all but the users, of which it keeps a copy. A fault of the request_id is told by the
  /// last MapSome, because the users come before it.
  [[nodiscard]] static Mapped<BatchMapping> Begin(
      const coupon::v1::BatchIssueCouponsRequest& request,
      const std::optional<std::string>& idempotency_key);

  /// Returns how many coupons are asked for.
  [[nodiscard]] std::size_t coupons() const;
  /// Maps up to `limit` more users. Returns whether that was all.
  [[nodiscard]] Mapped<bool> MapSome(ClaimDigest& claims, std::size_t limit);
  /// Returns the batch, once all users are mapped. Call it once.
  [[nodiscard]] MappedBatch Take(ClaimDigest& claims);

 private:
  BatchMapping() = default;
  [[nodiscard]] Mapped<void> MapUser(ClaimDigest& claims, const std::string& sent);
  /// Returns the request_id's fault, or the one that the rules find in what comes before it.
  [[nodiscard]] connect::Error FirstFaultOfAll() const;

  google::protobuf::RepeatedPtrField<std::string> user_ids_;
  std::string request_id_;
  std::optional<connect::Error> last_fault_ = {};  // the request_id's, which comes after the users
  MappedBatch batch_;
  std::unordered_map<Claim, std::uint32_t> occurrences_;  // by holder; only with a request_id
};

/// Maps a request at once. `idempotency_key` is the header of that name, if there is one.
[[nodiscard]] Mapped<MappedBatch> MapBatchIssueCoupons(
    const coupon::v1::BatchIssueCouponsRequest& request, ClaimDigest& claims,
    const std::optional<std::string>& idempotency_key = std::nullopt);

}  // namespace coupond::api

#endif  // COUPOND_API_BATCHES_BATCH_MAPPING_H_

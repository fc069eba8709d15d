#ifndef COUPOND_ENGINE_CODES_USER_DIGEST_H_
#define COUPOND_ENGINE_CODES_USER_DIGEST_H_

#include <memory>
#include <string_view>

#include "engine/rules/ids.h"

namespace coupond {

/// 64 bits by which the coupons of a user are found, in all campaigns of a store. Two users may
/// have the same.
using UserDigest = StrongNumber<struct UserDigestTag>;

/// Makes the digests of users: SipHash-2-4 (https://www.aumasson.jp/siphash/siphash.pdf) of a
/// user_id, under a key derived from the store's code key. So no one outside can choose users that
/// have the same. For one thread at a time.
class UserDigests {
 public:
  explicit UserDigests(const CodeKey& code_key);
  UserDigests(UserDigests&&) noexcept;
  UserDigests& operator=(UserDigests&&) noexcept;
  ~UserDigests();

  /// Compares bytes: `user_id` must be in the form in which it is stored.
  [[nodiscard]] UserDigest Of(std::string_view user_id);

 private:
  struct Keyed;
  std::unique_ptr<Keyed> keyed_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_CODES_USER_DIGEST_H_

#ifndef COUPOND_ENGINE_CODES_CLAIM_DIGEST_H_
#define COUPOND_ENGINE_CODES_CLAIM_DIGEST_H_

#include <cstdint>
#include <string_view>

#include "engine/codes/derived_key.h"
#include "engine/rules/ids.h"

/// Turns the name that a caller gives into the claim that the caller is recognised by.
namespace coupond {

/// What the text is. The numbers go into the digest, so they never change.
enum class ClaimKind : std::uint8_t {
  kUser = 1,     ///< a user_id
  kRequest = 2,  ///< a request_id
};

/// BLAKE2s (RFC 7693) with 16 bytes of output, keyed from the store's code key: claims have one
/// size whatever the text is, and nobody without the key can construct two texts with one claim.
/// Two texts that differ by chance share a claim with a probability of 2^-128.
///
/// Immutable, so any thread may use it at any time. It does not bound the text: the limits on ids
/// are enforced where bytes come in.
class ClaimDigest {
 public:
  explicit ClaimDigest(const CodeKey& code_key);

  /// The text counts byte for byte; nothing is normalised.
  [[nodiscard]] Claim Of(const CampaignId& campaign, ClaimKind kind, std::string_view text) const;

 private:
  DerivedKey key_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_CODES_CLAIM_DIGEST_H_

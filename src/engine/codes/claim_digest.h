#ifndef COUPOND_ENGINE_CODES_CLAIM_DIGEST_H_
#define COUPOND_ENGINE_CODES_CLAIM_DIGEST_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"

/// What is derived from the store's code key: a key for each purpose, and the claims that callers
/// are recognised by.
namespace coupond {

using DerivedKey = std::array<std::uint8_t, 16>;

/// Returns the key for one purpose, made from the store's code key with HKDF-SHA-256 (RFC 5869):
/// anyone who learns one derived key learns nothing of another one or of the code key.
///
/// `purpose` is the HKDF info; the salt is empty. Codes and claims that are out in the world depend
/// on the labels, so a label never changes.
[[nodiscard]] DerivedKey DeriveKey(const CodeKey& code_key, std::string_view purpose);

/// Returns the id of the campaign that a request creates, given its RequestKey::digest: a request
/// that is sent again finds the campaign by it. Looks like an id drawn at random.
[[nodiscard]] CampaignId CampaignIdOf(const CodeKey& code_key, const Claim& request);

/// What the text is. The numbers go into the digest, so they never change.
enum class ClaimKind : std::uint8_t {
  kUser = 1,           ///< a user_id
  kRequest = 2,        ///< a request_id of a caller without a user_id
  kUserRequest = 3,    ///< a user_id and a request_id
  kUserBatch = 4,      ///< a user_id, the request_id of a batch, and which time it names the user
  kPublicRequest = 5,  ///< a request_id of a caller with a public key, without a user_id
};

/// BLAKE2s (RFC 7693) with 16 bytes of output, keyed from the store's code key: claims have one
/// size whatever the text is, and without the key two texts with one claim cannot be constructed.
/// Two texts that differ by chance share a claim with a probability of 2^-128.
///
/// For one thread: setting up the key takes longer than a digest, so it is done once. It does not
/// bound the text: the limits on ids are enforced where bytes come in.
class ClaimDigest {
 public:
  explicit ClaimDigest(const CodeKey& code_key);
  ClaimDigest(const ClaimDigest& other);
  ClaimDigest& operator=(const ClaimDigest& other);
  ~ClaimDigest();

  /// Returns the claim of a text, which counts byte for byte; nothing is normalised.
  [[nodiscard]] Claim Of(const CampaignId& campaign, ClaimKind kind, std::string_view text);

  /// Returns the claim of a user's request: the same request_id of another user is another claim.
  [[nodiscard]] Claim OfUserRequest(const CampaignId& campaign, std::string_view user_id,
                                    std::string_view request_id);

  /// Returns the claim of a user of a batch that has a request_id. `occurrence` is 1 where the
  /// batch names the user for the first time, 2 for the second, and so on.
  [[nodiscard]] Claim OfUserBatch(const CampaignId& campaign, std::string_view user_id,
                                  std::string_view request_id, std::uint32_t occurrence);

  /// Returns RequestKey::digest for a request_id of a command that is about the whole store.
  [[nodiscard]] Claim OfRequestId(std::string_view request_id);
  /// Returns the key of such a request. `content` is all that it asks for, the method first.
  [[nodiscard]] RequestKey OfRequest(std::string_view request_id,
                                     std::initializer_list<std::string_view> content);

 private:
  /// Digests `bytes`, which must differ from all that others digest.
  [[nodiscard]] Claim OfBytes(std::string_view bytes);

  struct Keyed;
  std::unique_ptr<Keyed> keyed_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_CODES_CLAIM_DIGEST_H_

#include "engine/codes/claim_digest.h"

#include <crypto++/blake2.h>
#include <crypto++/hkdf.h>
#include <crypto++/sha.h>

namespace coupond {

DerivedKey DeriveKey(const CodeKey& code_key, std::string_view purpose) {
  DerivedKey key;
  CryptoPP::HKDF<CryptoPP::SHA256>().DeriveKey(
      key.data(), key.size(), code_key.bytes.data(), code_key.bytes.size(), nullptr, 0,
      reinterpret_cast<const CryptoPP::byte*>(purpose.data()), purpose.size());
  return key;
}

ClaimDigest::ClaimDigest(const CodeKey& code_key)
    : key_(DeriveKey(code_key, "coupond claim digest 1")) {}

Claim ClaimDigest::Of(const CampaignId& campaign, ClaimKind kind, std::string_view text) const {
  Claim claim;
  CryptoPP::BLAKE2s digest(key_.data(), key_.size(), nullptr, 0, nullptr, 0, false,
                           claim.bytes.size());
  // Only the last part varies in length, so no two inputs run together to the same bytes.
  const auto kind_byte = static_cast<CryptoPP::byte>(kind);
  digest.Update(&kind_byte, sizeof(kind_byte));
  digest.Update(campaign.bytes.data(), campaign.bytes.size());
  digest.Update(reinterpret_cast<const CryptoPP::byte*>(text.data()), text.size());
  digest.TruncatedFinal(claim.bytes.data(), claim.bytes.size());
  return claim;
}

}  // namespace coupond

#include "engine/codes/claim_digest.h"

#include <crypto++/blake2.h>
#include <crypto++/hkdf.h>
#include <crypto++/sha.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace coupond {

DerivedKey DeriveKey(const CodeKey& code_key, std::string_view purpose) {
  DerivedKey key;
  CryptoPP::HKDF<CryptoPP::SHA256>().DeriveKey(
      key.data(), key.size(), code_key.bytes.data(), code_key.bytes.size(), nullptr, 0,
      reinterpret_cast<const CryptoPP::byte*>(purpose.data()), purpose.size());
  return key;
}

CampaignId CampaignIdOf(const CodeKey& code_key, const Claim& request) {
  const DerivedKey key = DeriveKey(code_key, "coupond campaign id 1");
  CryptoPP::BLAKE2s blake(key.data(), key.size(), nullptr, 0, nullptr, 0, /*treeMode=*/false,
                          sizeof(CampaignId::bytes));
  std::array<std::uint8_t, sizeof(CampaignId::bytes)> digest{};
  blake.Update(request.bytes.data(), request.bytes.size());
  blake.TruncatedFinal(digest.data(), digest.size());
  return CampaignId{AsRandomUuid(digest)};
}

struct ClaimDigest::Keyed {
  explicit Keyed(const DerivedKey& key)
      : blake(key.data(), key.size(), nullptr, 0, nullptr, 0, /*treeMode=*/false,
              sizeof(Claim::bytes)) {}

  CryptoPP::BLAKE2s blake;
};

ClaimDigest::ClaimDigest(const CodeKey& code_key)
    : keyed_(std::make_unique<Keyed>(DeriveKey(code_key, "coupond claim digest 1"))) {}

ClaimDigest::ClaimDigest(const ClaimDigest& other)
    : keyed_(std::make_unique<Keyed>(*other.keyed_)) {}
ClaimDigest& ClaimDigest::operator=(const ClaimDigest& other) {
  if (this != &other) *keyed_ = *other.keyed_;
  return *this;
}
ClaimDigest::~ClaimDigest() = default;

Claim ClaimDigest::Of(const CampaignId& campaign, ClaimKind kind, std::string_view text) {
  Claim claim;
  CryptoPP::BLAKE2s& blake = keyed_->blake;
  // Only the last part varies in length, so no two inputs run together to the same bytes.
  const auto kind_byte = static_cast<CryptoPP::byte>(kind);
  blake.Update(&kind_byte, sizeof(kind_byte));
  blake.Update(campaign.bytes.data(), campaign.bytes.size());
  blake.Update(reinterpret_cast<const CryptoPP::byte*>(text.data()), text.size());
  blake.TruncatedFinal(claim.bytes.data(), claim.bytes.size());  // and starts over
  return claim;
}

Claim ClaimDigest::OfUserRequest(const CampaignId& campaign, std::string_view user_id,
                                 std::string_view request_id) {
  std::string text = std::to_string(user_id.size());
  text.append(":").append(user_id).append(request_id);
  return Of(campaign, ClaimKind::kUserRequest, text);
}

Claim ClaimDigest::OfUserBatch(const CampaignId& campaign, std::string_view user_id,
                               std::string_view request_id, std::uint32_t occurrence) {
  std::string text = std::to_string(user_id.size());
  text.append(":").append(user_id);
  text.append(std::to_string(occurrence)).append(":").append(request_id);
  return Of(campaign, ClaimKind::kUserBatch, text);
}

Claim ClaimDigest::OfBytes(std::string_view bytes) {
  Claim claim;
  keyed_->blake.Update(reinterpret_cast<const CryptoPP::byte*>(bytes.data()), bytes.size());
  keyed_->blake.TruncatedFinal(claim.bytes.data(), claim.bytes.size());
  return claim;
}

// The first byte differs from every ClaimKind.
Claim ClaimDigest::OfRequestId(std::string_view request_id) {
  return OfBytes(std::string("r").append(request_id));
}

RequestKey ClaimDigest::OfRequest(std::string_view request_id,
                                  std::initializer_list<std::string_view> content) {
  std::string bytes = "c";
  for (const std::string_view part : content) {
    // With its length, so that parts do not run together.
    bytes.append(std::to_string(part.size())).append(":").append(part);
  }
  const Claim digest = OfBytes(bytes);
  RequestKey key{.digest = OfRequestId(request_id)};
  for (std::size_t i = 0; i < sizeof(key.content); ++i) {
    key.content |= std::uint64_t{digest.bytes[i]} << (8 * i);
  }
  return key;
}

}  // namespace coupond

#include "access/key.h"

#include <cryptopp/misc.h>
#include <cryptopp/sha.h>

#include <algorithm>
#include <utility>

namespace coupond::access {
namespace {

constexpr std::string_view kPrefix = "ck";
/// RFC 4648, section 6, in lower case: no character looks like another, and each has 5 bits.
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr unsigned kBitsOfCharacter = 5;

bool HasOnlyKeyCharacters(std::string_view text) {
  return text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

/// Returns random characters of the alphabet.
std::string RandomCharacters(std::size_t count, Entropy& entropy) {
  std::string text;
  while (text.size() < count) {
    for (const std::uint8_t byte : entropy.Random16()) {
      // The upper bits are as random as the lower ones.
      if (text.size() < count) text.push_back(kAlphabet[byte >> (8 - kBitsOfCharacter)]);
    }
  }
  return text;
}

/// Removes what comes before the next underscore, and the underscore.
std::string_view TakePart(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find('_'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

KeyId KeyIdOf(std::string_view characters) {
  std::uint64_t number = 0;
  for (const char c : characters) number = number << 8U | static_cast<unsigned char>(c);
  return KeyId(number);
}

}  // namespace

bool MayUse(const Key& key, const CampaignId& campaign) {
  return key.campaigns.empty() || std::ranges::binary_search(key.campaigns, campaign);
}

std::optional<KeyText> ParseKeyText(std::string_view text) {
  if (TakePart(text) != kPrefix) return std::nullopt;
  const std::optional<Role> role = RoleByName(TakePart(text));
  const std::optional<KeyId> id = ParseKeyId(TakePart(text));
  if (!role || !id) return std::nullopt;
  if (text.size() != kSecretCharacters || !HasOnlyKeyCharacters(text)) return std::nullopt;
  return KeyText{.role = *role, .id = *id, .secret = text};
}

std::optional<KeyId> ParseKeyId(std::string_view text) {
  if (text.size() != kKeyIdCharacters || !HasOnlyKeyCharacters(text)) return std::nullopt;
  return KeyIdOf(text);
}

SecretHash HashOf(std::string_view secret) {
  SecretHash hash;
  CryptoPP::SHA256().CalculateDigest(
      hash.data(), reinterpret_cast<const CryptoPP::byte*>(secret.data()), secret.size());
  return hash;
}

bool AreEqual(const SecretHash& a, const SecretHash& b) {
  return CryptoPP::VerifyBufsEqual(a.data(), b.data(), a.size());
}

bool AreEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         CryptoPP::VerifyBufsEqual(reinterpret_cast<const CryptoPP::byte*>(a.data()),
                                   reinterpret_cast<const CryptoPP::byte*>(b.data()), a.size());
}

NewKey MakeKey(Key key, Entropy& entropy) {
  const std::string id = RandomCharacters(kKeyIdCharacters, entropy);
  const std::string secret = RandomCharacters(kSecretCharacters, entropy);
  key.id = KeyIdOf(id);
  key.secret_hash = HashOf(secret);
  std::string text(kPrefix);
  text.append("_").append(RoleName(key.role)).append("_").append(id).append("_").append(secret);
  return {.key = std::move(key), .text = std::move(text)};
}

}  // namespace coupond::access

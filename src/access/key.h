#ifndef COUPOND_ACCESS_KEY_H_
#define COUPOND_ACCESS_KEY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/role.h"
#include "base/entropy.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// Access keys: "ck_<role>_<id>_<secret>", as a client sends them, and what a server keeps of them.
///
/// The id has 8 characters and names the key in logs and lists; it is no secret. The secret has 32
/// characters, which are 160 random bits, so a plain digest of it is enough: there is nothing to
/// guess, and nothing to slow down.
namespace coupond::access {

inline constexpr std::size_t kKeyIdCharacters = 8;
inline constexpr std::size_t kSecretCharacters = 32;
/// How many campaigns a key may be limited to.
inline constexpr std::size_t kKeyCampaignsMax = 100;
/// How long a note that couponctl takes may be, in bytes.
inline constexpr std::size_t kKeyNoteBytesMax = 128;

/// SHA-256 of a secret's characters.
using SecretHash = std::array<std::uint8_t, 32>;

/// A key as a server keeps it: without its secret.
struct Key {
  KeyId id = {};
  Role role = Role::kViewer;
  SecretHash secret_hash{};
  /// The only campaigns that it may be used for, in ascending order; empty: all of them.
  std::vector<CampaignId> campaigns = {};
  std::optional<Timestamp> created = {};
  std::optional<Timestamp> expires = {};  ///< from then on it is refused
  std::optional<Timestamp> revoked = {};  ///< it is refused, whatever the time
  std::string note = {};                  ///< whose it is, for people; may be empty

  friend bool operator==(const Key&, const Key&) = default;
};

/// Reports whether the key may be used for the campaign.
[[nodiscard]] bool MayUse(const Key& key, const CampaignId& campaign);

/// The parts of a key as a client sends it. Holds a view of the text.
struct KeyText {
  Role role = Role::kViewer;
  KeyId id = {};
  std::string_view secret;
};
/// Returns nullopt if the text has not the form of a key.
[[nodiscard]] std::optional<KeyText> ParseKeyText(std::string_view text);

/// Reads an id of 8 characters, a to z and 2 to 7. Returns nullopt for any other text.
[[nodiscard]] std::optional<KeyId> ParseKeyId(std::string_view text);

[[nodiscard]] SecretHash HashOf(std::string_view secret);
/// Compares in a time that does not depend on the hashes.
[[nodiscard]] bool AreEqual(const SecretHash& a, const SecretHash& b);
/// Compares in a time that depends on the sizes of the texts alone.
[[nodiscard]] bool AreEqual(std::string_view a, std::string_view b);

/// A key that was just made, and the only text that has its secret.
struct NewKey {
  Key key;
  std::string text;
};
/// Draws the id and the secret. The rest of the key is as given.
[[nodiscard]] NewKey MakeKey(Key key, Entropy& entropy);

}  // namespace coupond::access

#endif  // COUPOND_ACCESS_KEY_H_

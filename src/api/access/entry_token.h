#ifndef COUPOND_API_ACCESS_ENTRY_TOKEN_H_
#define COUPOND_API_ACCESS_ENTRY_TOKEN_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// Entry tokens: how the operator's own site tells who stands before a page with a public key.
/// After its login it makes a JSON Web Token (RFC 7519) for one user and one campaign, which the
/// page sends along.
///
///   header   {"alg":"HS256"} or {"alg":"EdDSA"}: the one that the server was set up for
///   payload  {"sub": the user_id, "aud": the campaign's id, "exp": when it ends, at most 10
///   minutes
///            away}; with "nbf" or "iat", not before that
///
/// Sources: RFC 7515 (JWS, compact), RFC 8037 (Ed25519), RFC 8725 (best practice).
namespace coupond::api {

inline constexpr std::chrono::nanoseconds kEntryTokenLifeMax = std::chrono::minutes(10);
/// How far the clocks of the site and of the server may be apart.
inline constexpr std::chrono::nanoseconds kEntryTokenLeeway = std::chrono::seconds(30);
/// Longer tokens are refused unread.
inline constexpr std::size_t kEntryTokenBytesMax = 2'048;
/// A shorter secret could be found by trying (RFC 7518, section 3.2).
inline constexpr std::size_t kEntryTokenSecretBytesMin = 32;

enum class EntryTokenAlgorithm : std::uint8_t {
  kHs256,  ///< HMAC with SHA-256: the site and the server share a secret
  kEdDsa,  ///< Ed25519: the site signs, and the server has only the public key
};

/// What tokens are checked with. Immutable, so any thread may use it.
class EntryTokenKey {
 public:
  /// Makes a key of a file's contents: a secret of at least 32 bytes, without the white space at
  /// its ends; or an Ed25519 public key in PEM. The error is kInvalidArgument.
  [[nodiscard]] static Result<EntryTokenKey> FromFile(EntryTokenAlgorithm algorithm,
                                                      std::string_view contents);
  EntryTokenKey(EntryTokenKey&&) noexcept;
  EntryTokenKey& operator=(EntryTokenKey&&) noexcept;
  ~EntryTokenKey();

  /// Returns the name that a token's header must have.
  [[nodiscard]] std::string_view algorithm() const;
  /// Reports whether the signature is that of the text.
  [[nodiscard]] bool Verifies(std::string_view text, std::string_view signature) const;

 private:
  struct Material;
  explicit EntryTokenKey(std::unique_ptr<const Material> material);

  std::unique_ptr<const Material> material_;
};

/// Returns the user whom a token names for the campaign, or nullopt if anything about it is wrong;
/// callers do not learn what. The signature is checked before anything else is read.
[[nodiscard]] std::optional<std::string> UserOfEntryToken(const EntryTokenKey& key,
                                                          std::string_view token,
                                                          const CampaignId& campaign,
                                                          Timestamp now);

/// The key that a server checks tokens with, which can be exchanged while it runs. Any thread.
class EntryTokens {
 public:
  explicit EntryTokens(EntryTokenKey key)
      : key_(std::make_shared<const EntryTokenKey>(std::move(key))) {}

  void Replace(EntryTokenKey key) {
    auto replacement = std::make_shared<const EntryTokenKey>(std::move(key));
    const std::scoped_lock lock(mutex_);
    key_.swap(replacement);
  }
  [[nodiscard]] std::shared_ptr<const EntryTokenKey> key() const {
    const std::scoped_lock lock(mutex_);
    return key_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const EntryTokenKey> key_;  // guarded by mutex_
};

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_ENTRY_TOKEN_H_

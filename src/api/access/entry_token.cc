#include "api/access/entry_token.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_document.h"

namespace coupond::api {
namespace {

using connect::JsonDocument;
using connect::JsonKind;
using connect::JsonToken;

constexpr std::size_t kHashBytes = 32;
/// The years up to 5138: as many digits as seconds since 1970 are accepted with.
constexpr std::size_t kSecondsDigitsMax = 11;

struct Deleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <typename T>
using Owned = std::unique_ptr<T, Deleter>;

/// The deleter has external linkage, as a member of a class must have.
using OwnedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Keeps OpenSSL from asking for one on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

/// Editors and `echo` put line breaks at the end of files.
std::string_view WithoutSpaceAtTheEnds(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

/// Decodes what RFC 7515 calls base64url, which has one spelling for each text.
std::optional<std::string> DecodeBase64Url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  return connect::DecodeBase64(text);
}

/// The members of a JSON object that has been parsed.
class Members {
 public:
  /// `document` must outlive this.
  explicit Members(const JsonDocument& document) : document_(document) {}

  [[nodiscard]] bool is_object() const { return document_.At(0).kind == JsonKind::kObject; }
  /// Returns the place of the value of a member, or nullopt if there is none.
  [[nodiscard]] std::optional<std::uint32_t> Find(std::string_view name) const {
    for (std::uint32_t key = 1; key < document_.At(0).end; key = document_.At(key + 1).end) {
      if (document_.At(key).text == name) return key + 1;
    }
    return std::nullopt;
  }
  /// Returns a string, or nullopt if the member is something else or absent.
  [[nodiscard]] std::optional<std::string_view> Text(std::string_view name) const {
    const auto place = Find(name);
    if (!place || document_.At(*place).kind != JsonKind::kString) return std::nullopt;
    return document_.At(*place).text;
  }
  /// Returns a moment in whole seconds since 1970 (RFC 7519, section 2: NumericDate), or nullopt.
  [[nodiscard]] std::optional<Timestamp> Moment(std::string_view name) const {
    const auto place = Find(name);
    if (!place || document_.At(*place).kind != JsonKind::kNumber) return std::nullopt;
    const std::string_view number = document_.At(*place).text;
    if (number.size() > kSecondsDigitsMax) return std::nullopt;
    const auto seconds = ParseDecimal(number, 0, kSecondsMax);
    if (!seconds) return std::nullopt;
    return Timestamp().Plus(std::chrono::seconds(*seconds));
  }
  /// Reports whether a member is this text, or a list that has it.
  [[nodiscard]] bool Names(std::string_view name, const CampaignId& campaign) const {
    const auto place = Find(name);
    if (!place) return false;
    const JsonToken& value = document_.At(*place);
    if (value.kind == JsonKind::kString) return Is(value, campaign);
    if (value.kind != JsonKind::kArray) return false;
    for (std::uint32_t at = *place + 1; at < value.end; at = document_.At(at).end) {
      if (document_.At(at).kind == JsonKind::kString && Is(document_.At(at), campaign)) return true;
    }
    return false;
  }

 private:
  /// So that each is a Timestamp.
  static constexpr std::uint64_t kSecondsMax = 9'000'000'000;

  static bool Is(const JsonToken& text, const CampaignId& campaign) {
    const auto uuid = ParseUuid(text.text);
    return uuid && CampaignId{*uuid} == campaign;
  }

  const JsonDocument& document_;
};

/// Reports whether the header asks for what the key is for, and for nothing that is not understood.
bool IsHeaderFor(const EntryTokenKey& key, std::string_view json) {
  JsonDocument document;
  if (!document.Parse(json)) return false;
  const Members members(document);
  return members.is_object() && members.Text("alg") == key.algorithm() && !members.Find("crit");
}

/// Reports whether a token is valid at `now`, by its claims about time.
bool IsValidAt(const Members& claims, Timestamp now) {
  const auto expires = claims.Moment("exp");
  if (!expires || now >= expires->Plus(kEntryTokenLeeway)) return false;
  if (*expires > now.Plus(kEntryTokenLifeMax + kEntryTokenLeeway)) return false;
  for (const std::string_view name : {"nbf", "iat"}) {
    if (!claims.Find(name)) continue;
    const auto begins = claims.Moment(name);
    if (!begins || *begins > now.Plus(kEntryTokenLeeway)) return false;
  }
  return true;
}

}  // namespace

struct EntryTokenKey::Material {
  EntryTokenAlgorithm algorithm;
  std::string secret;   ///< with kHs256
  OwnedKey public_key;  ///< with kEdDsa

  Material(EntryTokenAlgorithm its_algorithm, std::string its_secret, OwnedKey its_key)
      : algorithm(its_algorithm), secret(std::move(its_secret)), public_key(std::move(its_key)) {}
  ~Material() { OPENSSL_cleanse(secret.data(), secret.size()); }
  Material(const Material&) = delete;
  Material& operator=(const Material&) = delete;
};

EntryTokenKey::EntryTokenKey(std::unique_ptr<const Material> material)
    : material_(std::move(material)) {}
EntryTokenKey::EntryTokenKey(EntryTokenKey&&) noexcept = default;
EntryTokenKey& EntryTokenKey::operator=(EntryTokenKey&&) noexcept = default;
EntryTokenKey::~EntryTokenKey() = default;

Result<EntryTokenKey> EntryTokenKey::FromFile(EntryTokenAlgorithm algorithm,
                                              std::string_view contents) {
  if (algorithm == EntryTokenAlgorithm::kHs256) {
    const std::string_view secret = WithoutSpaceAtTheEnds(contents);
    // Everybody may have a public key, so a token that it "signs" must be worth nothing.
    if (secret.starts_with("-----BEGIN")) {
      return MakeError(
          ErrorCode::kInvalidArgument,
          "this is a key in PEM and no secret; tokens that are signed take the setting "
          "entry-token-public-key");
    }
    if (secret.size() < kEntryTokenSecretBytesMin) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "the secret of entry tokens has fewer than 32 bytes; make one with "
                       "`openssl rand -base64 48`");
    }
    return EntryTokenKey(std::make_unique<const Material>(algorithm, std::string(secret),
                                                          OwnedKey(nullptr, EVP_PKEY_free)));
  }
  const Owned<BIO> bio(BIO_new_mem_buf(contents.data(), static_cast<int>(contents.size())));
  OwnedKey key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassword, nullptr) : nullptr,
               EVP_PKEY_free);
  ERR_clear_error();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "the key of entry tokens is not an Ed25519 public key in PEM; make a pair with "
        "`openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`");
  }
  return EntryTokenKey(std::make_unique<const Material>(algorithm, std::string(), std::move(key)));
}

std::string_view EntryTokenKey::algorithm() const {
  return material_->algorithm == EntryTokenAlgorithm::kHs256 ? "HS256" : "EdDSA";
}

bool EntryTokenKey::Verifies(std::string_view text, std::string_view signature) const {
  if (material_->algorithm == EntryTokenAlgorithm::kHs256) {
    std::array<unsigned char, kHashBytes> expected{};
    const std::string& secret = material_->secret;
    const bool hashed = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                             Bytes(text), text.size(), expected.data(), nullptr) != nullptr;
    return hashed && signature.size() == expected.size() &&
           CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
  }
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool verified = context &&
                        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                                             material_->public_key.get()) == 1 &&
                        EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                                         Bytes(text), text.size()) == 1;
  if (!verified) ERR_clear_error();
  return verified;
}

std::optional<std::string> UserOfEntryToken(const EntryTokenKey& key, std::string_view token,
                                            const CampaignId& campaign, Timestamp now) {
  if (token.size() > kEntryTokenBytesMax) return std::nullopt;
  const std::size_t second_dot = token.rfind('.');
  const std::size_t first_dot = token.find('.');
  if (first_dot == std::string_view::npos || first_dot == second_dot) return std::nullopt;
  const auto signature = DecodeBase64Url(token.substr(second_dot + 1));
  if (!signature || !key.Verifies(token.substr(0, second_dot), *signature)) return std::nullopt;
  const auto header = DecodeBase64Url(token.substr(0, first_dot));
  const auto payload = DecodeBase64Url(token.substr(first_dot + 1, second_dot - first_dot - 1));
  if (!header || !payload || !IsHeaderFor(key, *header)) return std::nullopt;
  JsonDocument document;
  if (!document.Parse(*payload)) return std::nullopt;
  const Members claims(document);
  if (!claims.is_object() || !IsValidAt(claims, now) || !claims.Names("aud", campaign)) {
    return std::nullopt;
  }
  const auto user = claims.Text("sub");
  if (!user || user->empty()) return std::nullopt;
  return std::string(*user);
}

}  // namespace coupond::api

#ifndef COUPOND_TEST_SUPPORT_ENTRY_TOKEN_BUILDER_H_
#define COUPOND_TEST_SUPPORT_ENTRY_TOKEN_BUILDER_H_

#include <string>
#include <string_view>

namespace coupond::test {

/// Returns base64url without padding.
[[nodiscard]] std::string Base64Url(std::string_view bytes);

/// Returns the two parts of a token that are signed.
[[nodiscard]] std::string SignedPart(std::string_view header, std::string_view payload);

/// Returns a token with this signature.
[[nodiscard]] inline std::string WithSignature(const std::string& signed_part,
                                               std::string_view signature) {
  return signed_part + "." + Base64Url(signature);
}

/// Returns the token with HMAC-SHA256, which needs no trust in the code under test.
[[nodiscard]] std::string Hs256Token(std::string_view header, std::string_view payload,
                                     std::string_view secret);

/// An Ed25519 key pair.
class SigningKey {
 public:
  SigningKey();
  ~SigningKey();
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  /// Returns the public key in PEM.
  [[nodiscard]] std::string PublicPem() const;
  [[nodiscard]] std::string Token(std::string_view header, std::string_view payload) const;

 private:
  void* key_;  ///< an EVP_PKEY
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_ENTRY_TOKEN_BUILDER_H_

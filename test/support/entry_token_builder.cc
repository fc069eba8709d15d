#include "support/entry_token_builder.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/check.h"
#include "rpc/json/base64.h"

namespace coupond::test {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string Base64Url(std::string_view bytes) {
  std::string text;
  connect::AppendBase64(bytes, connect::Base64Padding::kUnpadded, text);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string SignedPart(std::string_view header, std::string_view payload) {
  return Base64Url(header) + "." + Base64Url(payload);
}

std::string Hs256Token(std::string_view header, std::string_view payload, std::string_view secret) {
  const std::string part = SignedPart(header, payload);
  std::array<unsigned char, 32> hash{};
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(part), part.size(),
       hash.data(), nullptr);
  return WithSignature(part, {reinterpret_cast<const char*>(hash.data()), hash.size()});
}

SigningKey::SigningKey() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")) {
  COUPOND_CHECK(key_ != nullptr);
}

SigningKey::~SigningKey() { EVP_PKEY_free(static_cast<EVP_PKEY*>(key_)); }

std::string SigningKey::PublicPem() const {
  BIO* const bio = BIO_new(BIO_s_mem());
  COUPOND_CHECK(PEM_write_bio_PUBKEY(bio, static_cast<EVP_PKEY*>(key_)) == 1);
  std::string pem(1'024, '\0');
  pem.resize(static_cast<std::size_t>(BIO_read(bio, pem.data(), static_cast<int>(pem.size()))));
  BIO_free(bio);
  return pem;
}

std::string SigningKey::Token(std::string_view header, std::string_view payload) const {
  const std::string part = SignedPart(header, payload);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  std::array<unsigned char, 64> signature{};
  std::size_t size = signature.size();
  COUPOND_CHECK(
      EVP_DigestSignInit(context, nullptr, nullptr, nullptr, static_cast<EVP_PKEY*>(key_)) == 1);
  COUPOND_CHECK(EVP_DigestSign(context, signature.data(), &size, Bytes(part), part.size()) == 1);
  EVP_MD_CTX_free(context);
  return WithSignature(part, {reinterpret_cast<const char*>(signature.data()), size});
}

}  // namespace coupond::test

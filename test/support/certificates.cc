#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace coupond::test {
namespace {

template <auto Free>
struct FreedBy {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, FreedBy<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, FreedBy<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreedBy<X509_EXTENSION_free>>;

void Require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make a certificate");
}

std::string TextOf(const Bio& bio) {
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(count)};
}

std::string PemOf(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return TextOf(bio);
}

std::string PemOf(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return TextOf(bio);
}

PrivateKey NewKey(int rsa_bits) {
  PrivateKey key(rsa_bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(rsa_bits));
  Require(key != nullptr);
  return key;
}

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  Require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Makes a certificate without a signature, whose issuer is its subject.
Certificate NewCertificate(const CertificateWish& wish, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new());
  X509* const raw = certificate.get();
  Require(raw != nullptr && X509_set_version(raw, X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), serial++);
  X509_gmtime_adj(X509_getm_notBefore(raw), -24L * 3600 * 365);
  X509_gmtime_adj(X509_getm_notAfter(raw), static_cast<long>(wish.expires_in.count()));
  X509_NAME* const name = X509_get_subject_name(raw);
  const auto* const text = reinterpret_cast<const unsigned char*>(wish.subject.c_str());
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
  Require(X509_set_issuer_name(raw, name) == 1 && X509_set_pubkey(raw, key) == 1);
  return certificate;
}

}  // namespace

struct CertificateAuthority::State {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

CertificateAuthority::CertificateAuthority(const std::string& name)
    : CertificateAuthority(name, nullptr) {}

CertificateAuthority::CertificateAuthority(const std::string& name,
                                           const CertificateAuthority& parent)
    : CertificateAuthority(name, &parent) {}

CertificateAuthority::CertificateAuthority(const std::string& name,
                                           const CertificateAuthority* parent)
    : state_(std::make_unique<State>()) {
  state_->key = NewKey(0);
  state_->certificate = NewCertificate({.subject = name, .names = {}}, state_->key.get());
  X509* const raw = state_->certificate.get();
  const State& issuer = parent == nullptr ? *state_ : *parent->state_;
  Require(X509_set_issuer_name(raw, X509_get_subject_name(issuer.certificate.get())) == 1);
  AddExtension(raw, issuer.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(raw, issuer.certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  Require(X509_sign(raw, issuer.key.get(), EVP_sha256()) > 0);
  certificate_ = PemOf(raw);
}

CertificateAuthority::~CertificateAuthority() = default;

CertificateAndKey CertificateAuthority::Issue(const CertificateWish& wish) const {
  const PrivateKey key = NewKey(wish.rsa_bits);
  const Certificate certificate = NewCertificate(wish, key.get());
  X509* const issuer = state_->certificate.get();
  Require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1);
  if (!wish.names.empty()) {
    AddExtension(certificate.get(), issuer, NID_subject_alt_name, wish.names);
  }
  Require(X509_sign(certificate.get(), state_->key.get(), EVP_sha256()) > 0);
  return {.certificate = PemOf(certificate.get()), .key = PemOf(key.get())};
}

std::string Encrypted(const std::string& key, const std::string& password) {
  const Bio source(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  const PrivateKey read(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr));
  const Bio bio(BIO_new(BIO_s_mem()));
  const auto* const text = reinterpret_cast<const unsigned char*>(password.data());
  Require(read != nullptr &&
          PEM_write_bio_PrivateKey(bio.get(), read.get(), EVP_aes_128_cbc(), text,
                                   static_cast<int>(password.size()), nullptr, nullptr) == 1);
  return TextOf(bio);
}

}  // namespace coupond::test

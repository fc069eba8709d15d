#include "rpc/http/tls_context.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/unreadable_file.h"

namespace coupond::http {
namespace {

/// More than any certificate chain, key or list of CAs has.
constexpr std::size_t kPemBytesMax = 1024 * 1024;
/// Refuses keys with less than 112 bits of security, such as RSA below 2048 bits.
constexpr int kSecurityLevel = 2;
/// Of TLS 1.2. All of TLS 1.3's are as strong.
constexpr const char* kCipherList = "ECDHE+AESGCM:ECDHE+CHACHA20";
/// The one protocol that is spoken inside, as ALPN (RFC 7301) writes it.
constexpr std::string_view kAlpnProtocols = "\x08http/1.1";
/// Names this server's sessions, which OpenSSL wants where clients have certificates.
constexpr std::string_view kSessionName = "coupond";

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

std::unexpected<Error> Wrong(const std::string& path, std::string_view why) {
  return MakeError(ErrorCode::kInvalidArgument, path + " " + std::string(why));
}

/// Returns the error for what OpenSSL refused last, and forgets that.
std::unexpected<Error> Refused(const std::string& path, std::string_view what) {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return Wrong(path, std::string(what) + (reason == nullptr ? "" : std::string(": ") + reason));
}

/// The contents of a file, which are wiped from memory at the end.
class PemText {
 public:
  [[nodiscard]] static Result<PemText> Read(const std::string& path) {
    const auto unreadable = [&path] {
      return MakeError(ErrorCode::kIo,
                       "cannot read " + path + ", which TLS needs: " + WhyUnreadable(path));
    };
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return unreadable();
    std::ifstream file(path, std::ios::binary);
    if (!file) return unreadable();
    PemText pem;
    pem.text_.resize(kPemBytesMax + 1);
    file.read(pem.text_.data(), static_cast<std::streamsize>(pem.text_.size()));
    pem.text_.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) return unreadable();
    if (pem.text_.size() > kPemBytesMax) return Wrong(path, "is too large");
    return pem;
  }
  PemText(PemText&&) noexcept = default;
  PemText& operator=(PemText&&) = delete;
  ~PemText() { OPENSSL_cleanse(text_.data(), text_.size()); }

  [[nodiscard]] bool Contains(std::string_view words) const { return text_.contains(words); }
  /// Returns a reader of the text, which must outlive it.
  [[nodiscard]] Bio Reader() const {
    return Bio(BIO_new_mem_buf(text_.data(), static_cast<int>(text_.size())));
  }

 private:
  PemText() = default;

  std::string text_;
};

/// Notes that a password was asked for, and gives none. OpenSSL would ask on the terminal.
int RefusePassword(char* /*buffer*/, int /*size*/, int /*writes*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

Certificate NextCertificate(BIO& reader) {
  bool ignored = false;
  return Certificate(PEM_read_bio_X509(&reader, nullptr, RefusePassword, &ignored));
}

/// Reports whether reading certificates ended because there are no more, and forgets that.
bool IsAtEnd() {
  const auto last = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (at_end) ERR_clear_error();
  return at_end;
}

/// Reads at least one certificate.
Result<std::vector<Certificate>> ReadCertificates(const std::string& path) {
  const PemText text = TRY(PemText::Read(path));
  if (!text.Contains("CERTIFICATE-----")) {
    return Wrong(path, "has no certificate in PEM (-----BEGIN CERTIFICATE-----)");
  }
  const Bio reader = text.Reader();
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (Certificate next = NextCertificate(*reader)) certificates.push_back(std::move(next));
  if (!IsAtEnd() || certificates.empty()) {
    return Refused(path, "has a certificate that cannot be read");
  }
  return certificates;
}

Result<PrivateKey> ReadPrivateKey(const std::string& path) {
  const PemText text = TRY(PemText::Read(path));
  if (!text.Contains("PRIVATE KEY-----")) {
    return Wrong(path, "has no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  }
  const Bio reader = text.Reader();
  ERR_clear_error();
  bool asked = false;
  PrivateKey key(PEM_read_bio_PrivateKey(reader.get(), nullptr, RefusePassword, &asked));
  if (key != nullptr) return key;
  if (asked) {
    ERR_clear_error();
    return Wrong(path, "is encrypted; write the key without a password, readable by the server");
  }
  return Refused(path, "has a private key that cannot be read");
}

int SelectProtocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_bytes,
                   const unsigned char* offered, unsigned offered_bytes, void* /*unused*/) {
  const auto* const ours = reinterpret_cast<const unsigned char*>(kAlpnProtocols.data());
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, chosen_bytes, ours,
                            static_cast<unsigned>(kAlpnProtocols.size()), offered, offered_bytes);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Returns a context without a certificate, or null if OpenSSL cannot make one.
std::shared_ptr<SSL_CTX> NewContext() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), FreedBy<SSL_CTX_free>());
  if (context == nullptr) return nullptr;
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_security_level(raw, kSecurityLevel);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(raw, SelectProtocol, nullptr);
  // Clients resume with tickets, which need no memory here.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  const bool done = SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_cipher_list(raw, kCipherList) == 1 &&
                    SSL_CTX_set_session_id_context(
                        raw, reinterpret_cast<const unsigned char*>(kSessionName.data()),
                        static_cast<unsigned>(kSessionName.size())) == 1;
  return done ? context : nullptr;
}

/// Gives the context the certificate, those that lead to its CA, and the key.
Status UseCertificate(SSL_CTX* context, const TlsFiles& files,
                      std::vector<Certificate>& certificates, const PrivateKey& key) {
  X509* const own = certificates.front().get();
  if (X509_check_private_key(own, key.get()) != 1) {
    ERR_clear_error();
    return Wrong(files.key, "is not the key of the certificate in " + files.certificate);
  }
  if (SSL_CTX_use_certificate(context, own) != 1) {
    return Refused(files.certificate, "cannot be used");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return Refused(files.key, "cannot be used");
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, certificates[i].get()) != 1) {
      return Refused(files.certificate, "has a certificate that cannot be used");
    }
  }
  return {};
}

std::string SubjectOf(X509* certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  if (text == nullptr) return {};
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(text.get(), &bytes);
  return count > 0 ? std::string(bytes, static_cast<std::size_t>(count)) : "(no subject)";
}

/// Makes the context ask clients for a certificate of these CAs, each of which is trusted by
/// itself: an intermediate one without its root.
Status DemandCertificates(SSL_CTX* context, const std::string& path) {
  const std::vector<Certificate> authorities = TRY(ReadCertificates(path));
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const Certificate& authority : authorities) {
    if (X509_check_ca(authority.get()) == 0) {
      return Wrong(path, "has the certificate of " + SubjectOf(authority.get()) +
                             ", which is not that of a CA; name the CA that issues the clients' "
                             "certificates");
    }
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return Refused(path, "has a certificate that cannot be used");
    }
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A session that is resumed would not have its certificate checked again.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  return {};
}

std::chrono::sys_seconds MomentOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

TlsCertificate DescribeCertificate(X509* certificate, const TlsFiles& files) {
  TlsCertificate described{.subject = SubjectOf(certificate),
                           .expires = MomentOf(X509_get0_notAfter(certificate)),
                           .warnings = {}};
  const auto now = std::chrono::system_clock::now();
  if (MomentOf(X509_get0_notBefore(certificate)) > now) {
    described.warnings.push_back("the certificate in " + files.certificate +
                                 " is not valid yet; is this machine's clock right?");
  }
  struct stat status{};
  if (::stat(files.key.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) != 0) {
    described.warnings.push_back("every user of this machine may read or write " + files.key +
                                 "; restrict it: chmod 600 " + files.key);
  }
  return described;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::Load(const TlsFiles& files) {
  std::shared_ptr<TlsContext> context(new TlsContext());
  TRY(context->Reload(files));
  return context;
}

Status TlsContext::Reload(const TlsFiles& files) {
  std::shared_ptr<SSL_CTX> context = NewContext();
  if (context == nullptr) return Refused("OpenSSL", "cannot be used for TLS");
  std::vector<Certificate> certificates = TRY(ReadCertificates(files.certificate));
  const PrivateKey key = TRY(ReadPrivateKey(files.key));
  TRY(UseCertificate(context.get(), files, certificates, key));
  if (!files.client_ca.empty()) TRY(DemandCertificates(context.get(), files.client_ca));
  TlsCertificate described = DescribeCertificate(certificates.front().get(), files);
  ERR_clear_error();
  const std::lock_guard lock(mutex_);
  current_ = std::move(context);
  certificate_ = std::move(described);
  return {};
}

TlsCertificate TlsContext::certificate() const {
  const std::lock_guard lock(mutex_);
  return certificate_;
}

std::shared_ptr<ssl_ctx_st> TlsContext::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace coupond::http

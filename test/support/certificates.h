#ifndef COUPOND_TEST_SUPPORT_CERTIFICATES_H_
#define COUPOND_TEST_SUPPORT_CERTIFICATES_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace coupond::test {

/// A certificate and its private key in PEM.
struct CertificateAndKey {
  std::string certificate;
  std::string key;
};

struct CertificateWish {
  std::string subject = "localhost";  ///< its common name
  /// As OpenSSL writes them.
  std::string names = "DNS:localhost,IP:127.0.0.1";
  std::chrono::seconds expires_in = std::chrono::hours(24 * 90);
  int rsa_bits = 0;  ///< 0: an elliptic curve, P-256
};

/// A certificate authority that is made for a test. Throws std::runtime_error if OpenSSL fails.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);
  /// Makes an intermediate one, whose certificate is of `parent`.
  CertificateAuthority(const std::string& name, const CertificateAuthority& parent);
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  /// Returns its own certificate in PEM.
  [[nodiscard]] const std::string& certificate() const { return certificate_; }
  [[nodiscard]] CertificateAndKey Issue(const CertificateWish& wish = {}) const;

 private:
  struct State;
  CertificateAuthority(const std::string& name, const CertificateAuthority* parent);

  std::unique_ptr<State> state_;
  std::string certificate_;
};

/// Returns the private key in PEM, with a password.
[[nodiscard]] std::string Encrypted(const std::string& key, const std::string& password);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_CERTIFICATES_H_

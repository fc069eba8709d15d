#ifndef COUPOND_TEST_RPC_HTTP_TLS_FILES_H_
#define COUPOND_TEST_RPC_HTTP_TLS_FILES_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "rpc/http/tls_context.h"
#include "support/certificates.h"
#include "support/temporary_directory.h"

namespace coupond::http {

/// A CA, and the files of a server whose certificate is of that CA.
class TestTlsFiles {
 public:
  explicit TestTlsFiles(const test::CertificateWish& wish = {}) { Write(authority.Issue(wish)); }

  void Write(const test::CertificateAndKey& pair) const {
    WriteTo(files.certificate, pair.certificate);
    WriteTo(files.key, pair.key);
  }
  static void WriteTo(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  [[nodiscard]] std::string Path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] std::shared_ptr<TlsContext> Load() const {
    auto context = TlsContext::Load(files);
    EXPECT_TRUE(context.has_value()) << context.error().message;
    return context.value();
  }
  /// Makes clients need a certificate of `wanted`.
  void DemandCertificatesOf(const test::CertificateAuthority& wanted) {
    files.client_ca = Path("clients.pem");
    WriteTo(files.client_ca, wanted.certificate());
  }

 private:
  test::TemporaryDirectory directory_;

 public:
  test::CertificateAuthority authority{"the test's CA"};
  TlsFiles files{.certificate = Path("cert.pem"), .key = Path("key.pem"), .client_ca = {}};
};

}  // namespace coupond::http

#endif  // COUPOND_TEST_RPC_HTTP_TLS_FILES_H_

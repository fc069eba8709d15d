#include "rpc/client/tls_trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fstream>
#include <string>

#include "rpc/client/call_error.h"
#include "rpc/client/server_address.h"
#include "support/certificates.h"
#include "support/temporary_directory.h"

namespace coupond::rpc_client {
namespace {

using boost::system::error_code;
using testing::HasSubstr;

error_code SslError(int reason) {
  return {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, reason)),
          boost::asio::error::get_ssl_category()};
}

class LoadTrustTest : public testing::Test {
 protected:
  std::string FileOf(const std::string& name, const std::string& text) {
    const std::string path = (directory_.path() / name).string();
    std::ofstream(path) << text;
    return path;
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority authority_{"the test's CA"};
};

TEST_F(LoadTrustTest, NamesTheFileAtFault) {
  const test::CertificateAndKey pair = authority_.Issue();
  const std::string ca = FileOf("ca", authority_.certificate());
  const std::string certificate = FileOf("certificate", pair.certificate);
  const std::string key = FileOf("key", pair.key);
  const std::string other = FileOf("other", authority_.Issue().key);
  const std::string text = FileOf("text", "text");
  EXPECT_TRUE(LoadTrust({}).has_value());
  EXPECT_TRUE(LoadTrust({.ca = ca, .certificate = certificate, .key = key}).has_value());
  EXPECT_THAT(LoadTrust({.ca = text}).error(), HasSubstr(text));
  EXPECT_THAT(LoadTrust({.ca = ca, .certificate = text, .key = key}).error(), HasSubstr(text));
  EXPECT_THAT(LoadTrust({.certificate = certificate, .key = other}).error(), HasSubstr(other));
  EXPECT_THAT(LoadTrust({.certificate = certificate, .key = ca}).error(), HasSubstr(ca));
}

TEST(TlsFaults, AreToldApart) {
  const error_code refused = SslError(SSL_R_CERTIFICATE_VERIFY_FAILED);
  EXPECT_EQ(FaultOf(Judged(refused, X509_V_ERR_CERT_HAS_EXPIRED)), TlsFault::kUntrusted);
  EXPECT_EQ(FaultOf(Judged(refused, X509_V_ERR_HOSTNAME_MISMATCH)), TlsFault::kMisnamed);
  EXPECT_EQ(FaultOf(Judged(refused, X509_V_ERR_IP_ADDRESS_MISMATCH)), TlsFault::kMisnamed);
  EXPECT_EQ(FaultOf(Judged(SslError(SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED), X509_V_OK)),
            TlsFault::kCertificateWanted);
  EXPECT_EQ(FaultOf(Judged(SslError(SSL_R_WRONG_VERSION_NUMBER), X509_V_OK)), TlsFault::kNoTls);
  EXPECT_EQ(FaultOf(Judged(SslError(SSL_R_BAD_SIGNATURE), X509_V_OK)), std::nullopt);
  EXPECT_EQ(FaultOf(Judged(boost::asio::error::eof, X509_V_OK)), std::nullopt);
}

TEST(TlsFaults, BecomeErrorsOfCallsThatDidNothing) {
  const ServerAddress server{.host = "shop", .port = "443", .secure = true};
  const error_code expired =
      Judged(SslError(SSL_R_CERTIFICATE_VERIFY_FAILED), X509_V_ERR_CERT_HAS_EXPIRED);
  const CallError untrusted = CannotReach(server, expired);
  EXPECT_EQ(untrusted.failure, Failure::kUntrusted);
  EXPECT_FALSE(untrusted.may_be_done);
  EXPECT_THAT(untrusted.message,
              testing::AllOf(HasSubstr("https://shop:443"), HasSubstr("expired")));
  const CallError wanted = NoAnswer(
      server, "/a/B", Judged(SslError(SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED), X509_V_OK));
  EXPECT_EQ(wanted.failure, Failure::kCertificateWanted);
  EXPECT_FALSE(wanted.may_be_done);
  const CallError no_tls =
      CannotReach(server, Judged(SslError(SSL_R_WRONG_VERSION_NUMBER), X509_V_OK));
  EXPECT_EQ(no_tls.failure, Failure::kNoTls);
  EXPECT_THAT(no_tls.message, HasSubstr("https://shop:443 does not speak TLS"));
}

TEST(TlsFaults, AHandshakeThatWasCutOffIsNone) {
  const ServerAddress server{.host = "shop", .port = "443", .secure = true};
  EXPECT_EQ(CannotReach(server, boost::asio::error::connection_reset).failure,
            Failure::kUnreachable);
  EXPECT_EQ(CannotReach(server, boost::asio::ssl::error::stream_truncated).failure,
            Failure::kUnreachable);
}

}  // namespace
}  // namespace coupond::rpc_client

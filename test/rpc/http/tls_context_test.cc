#include "rpc/http/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "rpc/http/tls_files.h"

namespace coupond::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class TlsContextTest : public testing::Test {
 protected:
  /// Returns the error of loading the files as they are.
  [[nodiscard]] Error Refusal() const {
    const auto context = TlsContext::Load(tls_.files);
    EXPECT_FALSE(context.has_value());
    return context ? Error{.code = ErrorCode::kIo, .message = {}} : context.error();
  }
  void WriteCertificate(const std::string& text) const {
    TestTlsFiles::WriteTo(tls_.files.certificate, text);
  }
  void WriteKey(const std::string& text) const { TestTlsFiles::WriteTo(tls_.files.key, text); }

  TestTlsFiles tls_;
};

TEST_F(TlsContextTest, DescribesTheCertificate) {
  const TlsCertificate certificate = tls_.Load()->certificate();
  EXPECT_EQ(certificate.subject, "CN=localhost");
  EXPECT_THAT(certificate.warnings, IsEmpty());
  const auto days =
      std::chrono::round<std::chrono::days>(certificate.expires - std::chrono::system_clock::now());
  EXPECT_EQ(days, std::chrono::days(90));
}

TEST_F(TlsContextTest, AMissingFileIsNamed) {
  for (const std::string* const path : {&tls_.files.key, &tls_.files.certificate}) {
    std::filesystem::remove(*path);
    const Error error = Refusal();
    EXPECT_EQ(error.code, ErrorCode::kIo);
    EXPECT_EQ(error.message,
              "cannot read " + *path + ", which TLS needs: No such file or directory");
  }
  tls_.Write(tls_.authority.Issue());
  tls_.files.client_ca = tls_.Path("nowhere.pem");
  EXPECT_THAT(Refusal().message, HasSubstr(tls_.files.client_ca));
}

TEST_F(TlsContextTest, ClientsCertificatesComeFromACa) {
  tls_.files.client_ca = tls_.Path("clients.pem");
  TestTlsFiles::WriteTo(
      tls_.files.client_ca,
      tls_.authority.certificate() + tls_.authority.Issue({.subject = "shop"}).certificate);
  EXPECT_THAT(Refusal().message, AllOf(HasSubstr(tls_.files.client_ca), HasSubstr("CN=shop"),
                                       HasSubstr("not that of a CA")));
}

TEST_F(TlsContextTest, WhatIsNoPemIsRefused) {
  WriteKey("secret");
  EXPECT_THAT(Refusal().message, AllOf(HasSubstr(tls_.files.key), HasSubstr("no private key")));
  WriteCertificate("-----BEGIN NOTHING-----\n");
  EXPECT_THAT(Refusal().message,
              AllOf(HasSubstr(tls_.files.certificate), HasSubstr("no certificate in PEM")));
  WriteCertificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(Refusal().message, HasSubstr("cannot be read"));
  EXPECT_EQ(Refusal().code, ErrorCode::kInvalidArgument);
}

TEST_F(TlsContextTest, TheKeyMustBeThatOfTheCertificate) {
  WriteKey(tls_.authority.Issue().key);
  EXPECT_THAT(Refusal().message,
              AllOf(HasSubstr(tls_.files.key), HasSubstr("is not the key of the certificate"),
                    HasSubstr(tls_.files.certificate)));
}

TEST_F(TlsContextTest, AnEncryptedKeyIsRefusedWithoutAsking) {
  const test::CertificateAndKey pair = tls_.authority.Issue();
  tls_.Write({.certificate = pair.certificate, .key = test::Encrypted(pair.key, "open sesame")});
  EXPECT_THAT(Refusal().message, HasSubstr("without a password"));
}

TEST_F(TlsContextTest, AWeakKeyIsRefused) {
  tls_.Write(tls_.authority.Issue({.rsa_bits = 1024}));
  EXPECT_THAT(Refusal().message, HasSubstr("too small"));
  tls_.Write(tls_.authority.Issue({.rsa_bits = 2048}));
  EXPECT_TRUE(TlsContext::Load(tls_.files).has_value());
}

TEST_F(TlsContextTest, AnExpiredCertificateIsLoaded) {
  tls_.Write(tls_.authority.Issue({.expires_in = -std::chrono::hours(1)}));
  EXPECT_LT(tls_.Load()->certificate().expires, std::chrono::system_clock::now());
}

TEST_F(TlsContextTest, AKeyThatOthersMayReadIsWarnedOf) {
  std::filesystem::permissions(tls_.files.key, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(tls_.Load()->certificate().warnings,
              testing::ElementsAre(HasSubstr("chmod 600 " + tls_.files.key)));
}

TEST_F(TlsContextTest, AChainMayFollowTheCertificate) {
  const test::CertificateAndKey pair = tls_.authority.Issue();
  tls_.Write({.certificate = pair.certificate + tls_.authority.certificate(), .key = pair.key});
  EXPECT_EQ(tls_.Load()->certificate().subject, "CN=localhost");
}

TEST_F(TlsContextTest, AFailedReloadChangesNothing) {
  const auto context = tls_.Load();
  const auto before = context->Current();
  const test::CertificateAndKey next = tls_.authority.Issue({.subject = "next"});
  WriteCertificate(next.certificate);  // its key is not there yet
  EXPECT_FALSE(context->Reload(tls_.files).has_value());
  EXPECT_EQ(context->Current(), before);
  EXPECT_EQ(context->certificate().subject, "CN=localhost");
  WriteKey(next.key);
  EXPECT_TRUE(context->Reload(tls_.files).has_value());
  EXPECT_NE(context->Current(), before);
  EXPECT_EQ(context->certificate().subject, "CN=next");
}

}  // namespace
}  // namespace coupond::http

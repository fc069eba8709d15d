#include "rpc/client/tls_trust.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <system_error>

namespace coupond::rpc_client {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// Besides OpenSSL's numbers for what is wrong with a certificate (X509_V_ERR_…).
constexpr int kCertificateWantedValue = 10'000;
constexpr int kNoTlsValue = 10'001;

class FaultCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "coupond.tls"; }
  [[nodiscard]] std::string message(int value) const override {
    if (value == kCertificateWantedValue) return "the server wants a client certificate";
    if (value == kNoTlsValue) return "the server does not speak TLS";
    return X509_verify_cert_error_string(value);
  }
};

const FaultCategory& Category() {
  static const FaultCategory kCategory;
  return kCategory;
}

}  // namespace

std::expected<std::shared_ptr<ssl::context>, std::string> LoadTrust(const TrustFiles& files) {
  auto trust = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(trust->native_handle(), TLS1_2_VERSION);
  error_code error;
  const auto wrong = [&error](const std::string& file, std::string_view what) {
    return std::unexpected(
        fmt::format("{} has no {} in PEM that can be used: {}", file, what, error.message()));
  };
  trust->set_verify_mode(ssl::verify_peer, error);
  if (files.ca.empty()) {
    trust->set_default_verify_paths(error);
    if (error) return wrong("the system", "CA certificates");
  } else {
    trust->load_verify_file(files.ca, error);
    if (error) return wrong(files.ca, "CA certificate");
  }
  if (files.certificate.empty()) return trust;
  // OpenSSL would ask for a password on the terminal.
  trust->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  trust->use_certificate_chain_file(files.certificate, error);
  if (error) return wrong(files.certificate, "certificate");
  trust->use_private_key_file(files.key, ssl::context::pem, error);
  if (error) return wrong(files.key, "private key of that certificate");
  return trust;
}

bool ExpectName(ssl_st* connection, const std::string& host) {
  error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection);
  if (!no_address) return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

std::optional<TlsFault> FaultOf(const error_code& error) {
  const std::error_code fault = error;
  if (fault.category() != Category()) return std::nullopt;
  switch (fault.value()) {
    case kCertificateWantedValue:
      return TlsFault::kCertificateWanted;
    case kNoTlsValue:
      return TlsFault::kNoTls;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TlsFault::kMisnamed;
    default:
      return TlsFault::kUntrusted;
  }
}

error_code Judged(const error_code& error, long verdict) {
  if (error.category() != boost::asio::error::get_ssl_category()) return error;
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK) {
    return std::error_code(static_cast<int>(verdict), Category());
  }
  if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED) {
    return std::error_code(kCertificateWantedValue, Category());
  }
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
    return std::error_code(kNoTlsValue, Category());
  }
  return error;
}

}  // namespace coupond::rpc_client

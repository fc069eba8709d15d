#ifndef COUPOND_RPC_CLIENT_TLS_TRUST_H_
#define COUPOND_RPC_CLIENT_TLS_TRUST_H_

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

struct ssl_st;  // OpenSSL's SSL

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): the library's own name
}

/// Whom a client believes over TLS, and who it says that it is.
namespace coupond::rpc_client {

struct TrustFiles {
  std::string ca = {};           ///< in PEM; empty: the system's
  std::string certificate = {};  ///< the client's own, in PEM; empty: none
  std::string key = {};          ///< its private key in PEM, without a password
};

/// Reads the files. The error names the one at fault. Any thread; the result may be shared.
[[nodiscard]] std::expected<std::shared_ptr<boost::asio::ssl::context>, std::string> LoadTrust(
    const TrustFiles& files);

/// Makes the server's certificate have to be that of `host`, and tells the server which it is.
/// Returns false if OpenSSL could not.
[[nodiscard]] bool ExpectName(ssl_st* connection, const std::string& host);

/// What TLS found wrong.
enum class TlsFault : std::uint8_t {
  kUntrusted,          ///< the server's certificate comes from no CA that this client trusts
  kMisnamed,           ///< the certificate is that of another name
  kCertificateWanted,  ///< the server did not accept the client without a certificate of its own
  kNoTls,              ///< the server does not speak TLS
};

/// Returns what TLS found wrong, or nullopt if the error is another one. Its message says more.
[[nodiscard]] std::optional<TlsFault> FaultOf(const boost::system::error_code& error);

/// Returns `error`, which ended an operation on a connection, as one that FaultOf knows if it is
/// one. `verdict` is the result of verifying the server's certificate, as OpenSSL numbers it.
[[nodiscard]] boost::system::error_code Judged(const boost::system::error_code& error,
                                               long verdict);

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_TLS_TRUST_H_

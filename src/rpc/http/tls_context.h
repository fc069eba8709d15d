#ifndef COUPOND_RPC_HTTP_TLS_CONTEXT_H_
#define COUPOND_RPC_HTTP_TLS_CONTEXT_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace coupond::http {

/// The files of a server that speaks TLS, all in PEM.
struct TlsFiles {
  std::string certificate;  ///< the server's own, then those that lead to its CA
  std::string key;          ///< the certificate's private key, without a password
  std::string client_ca;    ///< empty: clients need no certificate
};

/// What an operator should know about the certificate in use.
struct TlsCertificate {
  std::string subject;                ///< printable
  std::chrono::sys_seconds expires;   ///< may have passed
  std::vector<std::string> warnings;  ///< what is unwise, although it works
};

/// What a server needs for TLS: its certificate, its key, and whose certificates clients need.
/// TLS 1.2 and 1.3, with forward secrecy and authenticated encryption only; no renegotiation, no
/// early data.
///
/// Any thread may use it. A connection keeps what was there when it began.
class TlsContext {
 public:
  /// Reads the files. Fails with kIo if one cannot be read, and with kInvalidArgument if its
  /// contents are wrong. The error names the file.
  [[nodiscard]] static Result<std::shared_ptr<TlsContext>> Load(const TlsFiles& files);

  /// Reads the files again, for connections that begin later. An error leaves everything as it was.
  [[nodiscard]] Status Reload(const TlsFiles& files);

  /// Describes the certificate that was loaded last.
  [[nodiscard]] TlsCertificate certificate() const;
  /// Returns what a new connection is made with.
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> Current() const;

 private:
  TlsContext() = default;

  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> current_;  // guarded by mutex_
  TlsCertificate certificate_;           // guarded by mutex_
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_TLS_CONTEXT_H_

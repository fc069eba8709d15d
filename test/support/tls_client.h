#ifndef COUPOND_TEST_SUPPORT_TLS_CLIENT_H_
#define COUPOND_TEST_SUPPORT_TLS_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/certificates.h"

namespace coupond::test {

struct TlsClientOptions {
  std::string authority = {};  ///< in PEM; empty: any certificate is accepted
  CertificateAndKey own = {};  ///< shown if it is asked for; empty: none
  int version_max = 0;         ///< as OpenSSL numbers them; 0: the newest
  std::string ciphers = {};    ///< of TLS 1.2; empty: OpenSSL's default
  std::string protocols = {};  ///< offered with ALPN, as it writes them; empty: none
};

/// A blocking TLS client of 127.0.0.1 on OpenSSL alone. A server that is silent for 30 s counts as
/// gone, so no test hangs. One thread.
class TlsClient {
 public:
  /// How the server's bytes ended.
  enum class End : std::uint8_t {
    kOrderly,  ///< with a close_notify
    kCut,      ///< without one
    kFailed,   ///< with an alert or a reset
  };

  /// Connects and does the handshake.
  explicit TlsClient(std::uint16_t port, const TlsClientOptions& options = {});
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Reports whether the handshake succeeded.
  [[nodiscard]] bool ready() const;
  /// Returns what OpenSSL last complained about.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Returns "TLSv1.3" and the like.
  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::string cipher() const;
  /// Returns the protocol that the server selected; empty if none.
  [[nodiscard]] std::string protocol() const;
  /// Returns the common name in the server's certificate.
  [[nodiscard]] std::string ServerName() const;
  [[nodiscard]] int socket() const { return socket_; }

  bool Send(std::string_view bytes);
  /// Returns at least one byte, or nullopt at the end, which end() tells.
  [[nodiscard]] std::optional<std::string> Receive();
  [[nodiscard]] End end() const { return end_; }
  /// Sends a request and returns its whole response, which must have a Content-Length; nullopt if
  /// the connection ends before.
  [[nodiscard]] std::optional<std::string> Ask(std::string_view request);
  /// Asks for new keys of both directions (TLS 1.3).
  bool UpdateKeys();
  /// Tries to begin a new handshake (TLS 1.2). Returns whether the server went along.
  bool Renegotiate();
  /// Sends a close_notify.
  void SendEnd();
  /// Closes the TCP connection without one.
  void Cut();

 private:
  struct State;
  void Note(int result);

  std::unique_ptr<State> state_;
  int socket_ = -1;
  bool ready_ = false;
  std::string error_;
  End end_ = End::kOrderly;
  std::string unread_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_TLS_CLIENT_H_

#ifndef COUPOND_TEST_SUPPORT_FAKE_SERVER_H_
#define COUPOND_TEST_SUPPORT_FAKE_SERVER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/client/server_address.h"
#include "support/certificates.h"

namespace coupond::test {

/// The reaction of a fake server to one request.
struct FakeAnswer {
  int status = 200;
  std::string content_type = "application/proto";
  std::string body = {};
  bool drop = false;  ///< close the connection without an answer
  bool keep_alive = true;
  std::chrono::milliseconds delay{0};
};

/// An HTTP server on a free port of the loopback interface, with TLS if it is given a certificate.
/// It has one thread, on which the handler runs.
class FakeServer {
 public:
  /// `method` is the last part of the request's path.
  using Handler = std::function<FakeAnswer(std::string_view method, std::string_view body)>;

  explicit FakeServer(Handler handler,
                      const std::optional<CertificateAndKey>& certificate = std::nullopt);
  /// Ends the thread and all connections.
  ~FakeServer();

  /// Returns its address. The caller sets `trust`.
  [[nodiscard]] rpc_client::ServerAddress address() const;

 private:
  class Session;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_FAKE_SERVER_H_

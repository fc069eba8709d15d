#ifndef COUPOND_RPC_HTTP_TCP_TRANSPORT_H_
#define COUPOND_RPC_HTTP_TCP_TRANSPORT_H_

#include <boost/asio/ip/tcp.hpp>

#include "rpc/http/transport.h"

namespace coupond::http {

/// A TCP connection without encryption.
class TcpTransport final : public Transport {
 public:
  /// Takes over a connected socket and sets its options.
  explicit TcpTransport(boost::asio::ip::tcp::socket socket);

  [[nodiscard]] PeerAddress Peer() const override;
  void ReadSome(std::span<char> space, OnBytes on_read) override;
  void CancelRead() override;
  [[nodiscard]] std::size_t WriteNow(std::string_view bytes,
                                     boost::system::error_code& error) override;
  void WriteSome(std::string_view bytes, OnBytes on_written) override;
  void AwaitInput(OnInput on_input) override;
  [[nodiscard]] bool HasInput() override;
  [[nodiscard]] bool HasPeerClosed() override;
  [[nodiscard]] boost::system::error_code ShutDownSend() override;
  void Close() override;
  void Reset() override;

 private:
  boost::asio::ip::tcp::socket socket_;
};

/// Sets the options of an accepted TCP connection: responses leave at once (TCP_NODELAY), and a
/// host that has vanished is noticed within kVanishedAfter (limits.h), whether or not there is
/// something to send to it. Ignores what the kernel refuses: the connection may be gone already,
/// which the first read will report.
void SetConnectionOptions(int socket);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_TCP_TRANSPORT_H_

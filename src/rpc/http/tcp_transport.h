#ifndef COUPOND_RPC_HTTP_TCP_TRANSPORT_H_
#define COUPOND_RPC_HTTP_TCP_TRANSPORT_H_

#include "base/file_descriptor.h"
#include "rpc/http/event_loop.h"
#include "rpc/http/transport.h"

namespace coupond::http {

/// A TCP connection without encryption.
class TcpTransport final : public Transport, private EventLoop::Watcher {
 public:
  /// Takes over a connected, non-blocking socket and sets its options. `loop` must outlive this.
  TcpTransport(FileDescriptor socket, EventLoop& loop);
  ~TcpTransport() override;
  TcpTransport(const TcpTransport&) = delete;
  TcpTransport& operator=(const TcpTransport&) = delete;

  [[nodiscard]] PeerAddress Peer() const override;
  void ReadSome(std::span<char> space, OnBytes on_read) override;
  [[nodiscard]] std::optional<std::size_t> WriteNow(std::string_view bytes) override;
  void WriteSome(std::string_view bytes, OnBytes on_written) override;
  void AwaitInput(OnInput on_input) override;
  [[nodiscard]] bool HasInput() override;
  [[nodiscard]] bool HasPeerClosed() override;
  [[nodiscard]] bool ShutDownSend() override;
  void Close() override;
  void Reset() override;

 private:
  void OnReady(EventLoop::Readiness ready) override;
  void ContinueSoon();
  void Read();
  void Write();

  EventLoop& loop_;
  FileDescriptor socket_;

  // What the kernel last reported or refused.
  bool readable_ = false;
  bool writable_ = false;
  bool ends_ = false;  // the end of the stream, or an error, is waiting behind what can be read

  bool continues_ = false;  // the loop has been asked to call OnReady
  std::span<char> space_;   // of on_read_
  std::string_view bytes_;  // of on_written_
  OnBytes on_read_;
  OnBytes on_written_;
  OnInput on_input_;
};

/// Returns the address of the other end of a connected socket, or an unknown one if it is closed
/// already.
[[nodiscard]] PeerAddress PeerOf(int socket);

/// Sets the options of an accepted TCP connection: responses leave at once (TCP_NODELAY), and a
/// host that has vanished is noticed within kVanishedAfter (limits.h), whether or not there is
/// something to send to it. Ignores what the kernel refuses: the connection may be gone already,
/// which the first read will report.
void SetConnectionOptions(int socket);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_TCP_TRANSPORT_H_

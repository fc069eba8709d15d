#ifndef COUPOND_RPC_HTTP_TLS_TRANSPORT_H_
#define COUPOND_RPC_HTTP_TLS_TRANSPORT_H_

#include <array>
#include <memory>
#include <string>

#include "rpc/http/event_loop.h"
#include "rpc/http/transport.h"

struct ssl_st;  // OpenSSL's SSL

namespace coupond::http {

class TlsContext;

/// The server's side of TLS over another transport. The handshake is done within the first read or
/// wait. A handshake that fails is a read that fails.
///
/// An end without TLS's own (close_notify) may have been forged on the way, so it is a
/// failure. A connection that begins with an HTTP request in the clear is answered with 400.
///
/// WriteNow and WriteSome take bytes only once the transport below has taken all of their
/// ciphertext. Up to one record may be encrypted and waiting, so the caller must go on with the
/// bytes that were not taken, as it does over TCP.
class TlsTransport final : public Transport, private EventLoop::Watcher {
 public:
  /// `loop` must outlive this; it is the one that calls back for `inner`.
  TlsTransport(std::unique_ptr<Transport> inner, const TlsContext& context, EventLoop& loop);
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  [[nodiscard]] PeerAddress Peer() const override { return inner_->Peer(); }
  void ReadSome(std::span<char> space, OnBytes on_read) override;
  [[nodiscard]] std::optional<std::size_t> WriteNow(std::string_view bytes) override;
  void WriteSome(std::string_view bytes, OnBytes on_written) override;
  void AwaitInput(OnInput on_input) override;
  [[nodiscard]] bool HasInput() override;
  [[nodiscard]] bool HasPeerClosed() override;
  [[nodiscard]] bool ShutDownSend() override;
  void Close() override;
  void Reset() override;
  [[nodiscard]] bool IsOpening() const override { return !established_ && !failed_; }

 private:
  struct Wire;  // what OpenSSL reads ciphertext from and writes it to
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };
  /// The most ciphertext that one read from the transport below brings.
  static constexpr std::size_t kIncomingBytesMax = 8 * 1024;

  void OnReady(EventLoop::Readiness ready) override;
  void ContinueSoon();
  void Continue();
  void ReadCiphertext();

  [[nodiscard]] bool Establish();
  [[nodiscard]] std::size_t Decrypt();
  [[nodiscard]] bool HasNews();
  [[nodiscard]] std::size_t Encrypt(std::string_view bytes);
  void Judge(int result);
  void Fail();

  [[nodiscard]] bool Flush();
  void FlushSoon();
  void OnFlushed(Outcome outcome, std::size_t bytes);
  void SendCloseNotify();
  [[nodiscard]] bool EndSending();
  void Drop();

  EventLoop& loop_;
  const std::unique_ptr<Transport> inner_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;

  bool established_ = false;  // the handshake is done
  bool ended_ = false;        // the client has sent its close_notify
  bool failed_ = false;
  bool closed_ = false;

  // Ciphertext that has arrived, and not been read by OpenSSL.
  std::array<char, kIncomingBytesMax> in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  bool in_ended_ = false;     // none will follow
  bool wants_input_ = false;  // OpenSSL can do nothing before there is more
  bool wants_room_ = false;   // OpenSSL can do nothing before more of out_ is sent
  bool reading_ = false;      // a read of inner_ is pending

  // Ciphertext to be sent. It does not change while a write of inner_ is pending.
  std::string out_;
  std::size_t out_sent_ = 0;
  bool flushing_ = false;       // a write of inner_ is pending
  std::size_t held_bytes_ = 0;  // that were encrypted into out_, and not reported as written

  bool end_wanted_ = false;  // ShutDownSend was called
  bool close_notified_ = false;
  bool end_sent_ = false;

  bool continues_ = false;  // the loop has been asked to call OnReady
  std::span<char> space_;   // of on_read_
  std::string_view bytes_;  // of on_written_
  OnBytes on_read_;
  OnBytes on_written_;
  OnInput on_input_;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_TLS_TRANSPORT_H_

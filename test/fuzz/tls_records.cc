// The bytes of a client, passed to the server's side of TLS. Whatever they are, the connection
// comes to rest, with little said; and what a real client has encrypted is read as it was, however
// the network cuts it.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "rpc/http/event_loop.h"
#include "rpc/http/tls_context.h"
#include "rpc/http/tls_transport.h"
#include "support/certificates.h"
#include "support/memory_transport.h"

namespace coupond::fuzz {
namespace {

using http::EventLoop;
using http::TlsTransport;
using test::MemoryTransport;

/// More than the server's part of a handshake has.
constexpr std::size_t kSentBytesMax = 16 * 1024;
/// More than any input needs.
constexpr int kTurnsMax = 20'000;
/// After so many turns without a move, nothing moves any more: each step takes one or two.
constexpr int kQuietTurns = 6;

/// Returns the server's certificate and key, made once: they are the same for every input.
const http::TlsContext& Context() {
  static const std::shared_ptr<http::TlsContext> kContext = [] {
    std::string folder = (std::filesystem::temp_directory_path() / "coupond-XXXXXX").string();
    Require(::mkdtemp(folder.data()) != nullptr, "a folder can be made");
    const test::CertificateAndKey pair = test::CertificateAuthority("fuzz").Issue();
    const http::TlsFiles files{
        .certificate = folder + "/cert.pem", .key = folder + "/key.pem", .client_ca = {}};
    std::ofstream(files.certificate) << pair.certificate;
    std::ofstream(files.key) << pair.key;
    const auto context = http::TlsContext::Load(files);
    std::filesystem::remove_all(folder);
    Require(context.has_value(), "a certificate can be loaded");
    return *context;
  }();
  return *kContext;
}

/// The server's side of a connection that reads all the time.
class ServerSide {
 public:
  explicit ServerSide(std::size_t write_bytes_max) {
    auto wire = std::make_unique<MemoryTransport>(loop_, write_bytes_max);
    wire_ = wire.get();
    tls_ = std::make_unique<TlsTransport>(std::move(wire), Context(), loop_);
    Read();
  }

  /// Passes the bytes on, in portions of that size, and waits until the connection is at rest after
  /// each. Returns what was sent back.
  std::string Receive(std::string_view bytes, std::size_t portion) {
    std::string sent;
    do {
      wire_->Arrive(bytes.substr(0, portion));
      bytes.remove_prefix(std::min(portion, bytes.size()));
      ComeToRest();
      sent += wire_->TakeSent();
    } while (!bytes.empty());
    return sent;
  }
  void ReceiveEnd() {
    wire_->ArriveEnd();
    ComeToRest();
    Require(over_, "the end of the connection ends the reading");
    Require(wire_->TakeSent().size() <= kSentBytesMax, "an end is answered with little");
  }
  [[nodiscard]] const std::string& read() const { return read_; }
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] TlsTransport& tls() { return *tls_; }

 private:
  void Read() {
    tls_->ReadSome(space_, [this](http::Transport::Outcome outcome, std::size_t bytes) {
      Require((outcome == http::Transport::Outcome::kDone) == (bytes > 0),
              "only what is done has bytes");
      Require(bytes <= space_.size(), "a read stays within its space");
      read_.append(space_.data(), bytes);
      over_ = bytes == 0;
      if (!over_) Read();
    });
  }
  /// Turns the loop until nothing happens in it any more.
  void ComeToRest() {
    constexpr EventLoop::Clock::time_point kPast{};
    std::size_t moves = wire_->moves();
    int quiet = 0;  // turns in which nothing was moved
    for (int turns = 0; quiet < kQuietTurns; ++turns) {
      Require(turns < kTurnsMax, "the connection comes to rest");
      loop_.Turn(kPast);
      quiet = wire_->moves() == moves ? quiet + 1 : 0;
      moves = wire_->moves();
    }
  }

  EventLoop loop_;
  MemoryTransport* wire_ = nullptr;
  std::unique_ptr<TlsTransport> tls_;
  std::array<char, 512> space_{};
  std::string read_;
  bool over_ = false;
};

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeConnection {
  void operator()(SSL* connection) const { SSL_free(connection); }
};

/// OpenSSL's client, over memory.
class ClientSide {
 public:
  explicit ClientSide(int version_max) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_connect_state(ssl_.get());
  }

  void Shake(ServerSide& server, std::size_t portion) {
    for (int rounds = 0; rounds < 100; ++rounds) {
      const bool done = SSL_do_handshake(ssl_.get()) == 1;
      ERR_clear_error();
      Take(server.Receive(Sent(), portion));
      if (done) return;
    }
    Fail("a handshake with a real client succeeds");
  }
  /// Returns the bytes, encrypted.
  std::string Encrypt(std::string_view bytes) {
    if (!bytes.empty()) {
      SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    }
    ERR_clear_error();
    return Sent();
  }

 private:
  void Take(const std::string& bytes) {
    if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string Sent() {
    char* bytes = nullptr;
    const long count = BIO_get_mem_data(out_, &bytes);
    std::string sent(bytes, static_cast<std::size_t>(count));
    static_cast<void>(BIO_reset(out_));
    return sent;
  }

  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unique_ptr<SSL, FreeConnection> ssl_;
  BIO* in_ = nullptr;   // of ssl_
  BIO* out_ = nullptr;  // of ssl_
};

}  // namespace

void FuzzTlsRecords(std::string_view bytes) {
  Input input(bytes);
  const std::size_t kind = input.Choose(3);
  const int version_max = input.Choose(2) == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;
  const std::size_t write_bytes_max = input.Choose(2) == 0 ? kSentBytesMax * 4 : 100;
  const std::size_t portion = static_cast<std::uint8_t>(input.TakeByte()) * 8 + 1;
  ServerSide server(write_bytes_max);
  if (kind == 0) {  // never a client
    Require(server.Receive(input.rest(), portion).size() <= kSentBytesMax,
            "garbage is answered with little");
    return server.ReceiveEnd();
  }
  ClientSide client(version_max);
  client.Shake(server, portion);
  Require(!server.tls().IsOpening(), "the handshake is done");
  if (kind == 1) {  // a client that goes mad
    Require(server.Receive(input.rest(), portion).size() <= kSentBytesMax,
            "garbage is answered with little");
    Require(server.read().empty(), "what is not encrypted is not read");
    return server.ReceiveEnd();
  }
  static_cast<void>(server.Receive(client.Encrypt(input.rest()), portion));
  Require(server.read() == input.rest(), "what was encrypted is read", server.read());
  Require(!server.over(), "the connection stays");
  server.ReceiveEnd();
}

}  // namespace coupond::fuzz

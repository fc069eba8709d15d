#include "support/fake_server.h"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <thread>

namespace coupond::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

class FakeServer::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Handler& handler)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), handler_(handler) {}

  /// Serves the connection, over TLS if there is a context for it.
  void Begin(std::optional<asio::ssl::context>& tls) {
    if (!tls) return Read();
    tls_.emplace(socket_, *tls);
    tls_->async_handshake(asio::ssl::stream_base::server,
                          [self = shared_from_this()](beast::error_code error) {
                            if (!error) self->Read();
                          });
  }

 private:
  void Read() {
    request_ = {};
    auto on_read = [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) return self->Handle();
      // As a server in the clear answers to the beginning of TLS.
      if (error == http::error::bad_method) self->Refuse();
    };
    if (tls_) return http::async_read(*tls_, buffer_, request_, std::move(on_read));
    http::async_read(socket_, buffer_, request_, std::move(on_read));
  }

  void Handle() {
    const std::string target(request_.target());
    FakeAnswer answer = handler_(target.substr(target.rfind('/') + 1), request_.body());
    if (answer.drop) {
      beast::error_code ignored;
      socket_.close(ignored);
      return;
    }
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type, answer.content_type);
    response_.body() = std::move(answer.body);
    response_.keep_alive(answer.keep_alive);
    response_.prepare_payload();
    if (answer.delay.count() == 0) return Write();
    timer_.expires_after(answer.delay);
    timer_.async_wait([self = shared_from_this()](beast::error_code error) {
      if (!error) self->Write();
    });
  }

  void Refuse() {
    response_ = {http::status::bad_request, 11};
    response_.keep_alive(false);
    response_.prepare_payload();
    Write();
  }

  void Write() {
    auto on_written = [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return;
      if (self->response_.keep_alive()) return self->Read();
      if (self->tls_) self->tls_->async_shutdown([self](beast::error_code) {});
    };
    if (tls_) return http::async_write(*tls_, response_, std::move(on_written));
    http::async_write(socket_, response_, std::move(on_written));
  }

  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;  // over socket_, if with TLS
  asio::steady_timer timer_;
  const Handler& handler_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

struct FakeServer::State {
  State(Handler handle, const std::optional<CertificateAndKey>& certificate)
      : handler(std::move(handle)) {
    if (!certificate) return;
    tls.emplace(asio::ssl::context::tls_server);
    tls->use_certificate_chain(asio::buffer(certificate->certificate));
    tls->use_private_key(asio::buffer(certificate->key), asio::ssl::context::pem);
  }

  void Accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Session>(std::move(socket), handler)->Begin(tls);
      Accept();
    });
  }

  Handler handler;
  std::optional<asio::ssl::context> tls;
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread;
};

FakeServer::FakeServer(Handler handler, const std::optional<CertificateAndKey>& certificate)
    : state_(std::make_unique<State>(std::move(handler), certificate)) {
  state_->Accept();
  state_->thread = std::thread([this] { state_->context.run(); });
}

FakeServer::~FakeServer() {
  state_->context.stop();
  state_->thread.join();
}

rpc_client::ServerAddress FakeServer::address() const {
  return {.host = "127.0.0.1",
          .port = std::to_string(state_->acceptor.local_endpoint().port()),
          .secure = state_->tls.has_value()};
}

}  // namespace coupond::test

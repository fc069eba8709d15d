#include "support/fake_server.h"

#include <boost/asio.hpp>
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

  void Read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->Handle();
                     });
  }

 private:
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

  void Write() {
    http::async_write(socket_, response_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->Read();
                      });
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  const Handler& handler_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

struct FakeServer::State {
  explicit State(Handler handle) : handler(std::move(handle)) {}

  void Accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Session>(std::move(socket), handler)->Read();
      Accept();
    });
  }

  Handler handler;
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread;
};

FakeServer::FakeServer(Handler handler) : state_(std::make_unique<State>(std::move(handler))) {
  state_->Accept();
  state_->thread = std::thread([this] { state_->context.run(); });
}

FakeServer::~FakeServer() {
  state_->context.stop();
  state_->thread.join();
}

rpc_client::ServerAddress FakeServer::address() const {
  return {.host = "127.0.0.1", .port = std::to_string(state_->acceptor.local_endpoint().port())};
}

}  // namespace coupond::test

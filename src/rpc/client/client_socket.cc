#include "rpc/client/client_socket.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string>
#include <utility>

#include "rpc/client/tls_trust.h"

namespace coupond::rpc_client {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using TlsStream = asio::ssl::stream<tcp::socket&>;

}  // namespace

struct ClientSocket::State {
  [[nodiscard]] error_code Judge(const error_code& error) {
    return tls && error ? Judged(error, SSL_get_verify_result(tls->native_handle())) : error;
  }

  tcp::socket socket;
  std::string host;
  bool secure = false;
  std::shared_ptr<asio::ssl::context> trust;
  std::optional<TlsStream> tls = {};  ///< once connected, if it is secure
};

ClientSocket::ClientSocket(asio::io_context& context, const ServerAddress& server)
    : state_(new State{.socket = tcp::socket(context),
                       .host = server.host,
                       .secure = server.secure,
                       .trust = server.trust}) {}

ClientSocket::~ClientSocket() = default;

void ClientSocket::Connect(const Endpoints& endpoints, OnDone on_connected) {
  asio::async_connect(state_->socket, endpoints,
                      [state = state_.get(), on_connected = std::move(on_connected)](
                          error_code error, const tcp::endpoint&) {
                        if (!error) state->socket.set_option(tcp::no_delay(true), error);
                        if (error || !state->secure) return on_connected(error);
                        if (state->trust == nullptr) {
                          const auto trust = LoadTrust({});
                          if (!trust) return on_connected(asio::error::invalid_argument);
                          state->trust = *trust;
                        }
                        state->tls.emplace(state->socket, *state->trust);
                        if (!ExpectName(state->tls->native_handle(), state->host)) {
                          return on_connected(asio::error::invalid_argument);
                        }
                        state->tls->async_handshake(
                            asio::ssl::stream_base::client,
                            [state, on_connected](const error_code& result) {
                              on_connected(state->Judge(result));
                            });
                      });
}

void ClientSocket::Write(std::string_view bytes, OnBytes on_written) {
  auto judge = [state = state_.get(), on_written = std::move(on_written)](const error_code& error,
                                                                          std::size_t count) {
    on_written(state->Judge(error), count);
  };
  const auto buffer = asio::buffer(bytes);
  if (state_->tls) return asio::async_write(*state_->tls, buffer, std::move(judge));
  asio::async_write(state_->socket, buffer, std::move(judge));
}

void ClientSocket::ReadSome(std::span<char> space, OnBytes on_read) {
  auto judge = [state = state_.get(), on_read = std::move(on_read)](const error_code& error,
                                                                    std::size_t count) {
    on_read(state->Judge(error), count);
  };
  const auto buffer = asio::buffer(space.data(), space.size());
  if (state_->tls) return state_->tls->async_read_some(buffer, std::move(judge));
  state_->socket.async_read_some(buffer, std::move(judge));
}

void ClientSocket::KeepAlive() {
  error_code ignored;
  state_->socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

void ClientSocket::Close() {
  error_code ignored;
  state_->socket.close(ignored);
}

}  // namespace coupond::rpc_client

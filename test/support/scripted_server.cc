#include "support/scripted_server.h"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <mutex>
#include <thread>

namespace coupond::test {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

struct ScriptedServer::State {
  asio::awaitable<void> Accept() {
    for (std::size_t number = 0;; ++number) {
      sockets.push_back(co_await acceptor.async_accept(use_awaitable));
      const Script& script = scripts[std::min(number, scripts.size() - 1)];
      asio::co_spawn(context, Play(script, sockets.back()), asio::detached);
    }
  }

  // A client that leaves early ends the script with an exception, which is ignored.
  asio::awaitable<void> Play(const Script& script, tcp::socket& socket) {
    std::string request;
    if (script.reads_request) {
      co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n",
                                      use_awaitable);
      const std::lock_guard lock(mutex);
      request_heads.push_back(request.substr(0, request.find("\r\n\r\n") + 2));
    }
    asio::steady_timer timer(context);
    bool first = true;
    for (const std::string& piece : script.pieces) {
      if (!first && script.pause.count() > 0) {
        timer.expires_after(script.pause);
        co_await timer.async_wait(use_awaitable);
      }
      first = false;
      co_await asio::async_write(socket, asio::buffer(piece), use_awaitable);
    }
    if (script.end == Script::End::kStayOpen) co_return;
    if (script.end == Script::End::kReset) {
      socket.set_option(asio::socket_base::linger(true, 0));
      socket.close();
    } else {
      socket.shutdown(tcp::socket::shutdown_send);
    }
  }

  mutable std::mutex mutex;
  std::vector<std::string> request_heads;  // guarded by mutex
  std::vector<Script> scripts;
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::list<tcp::socket> sockets;
  std::thread thread;
};

ScriptedServer::ScriptedServer(std::vector<Script> scripts) : state_(std::make_unique<State>()) {
  state_->scripts = std::move(scripts);
  asio::co_spawn(state_->context, state_->Accept(), asio::detached);
  state_->thread = std::thread([this] { state_->context.run(); });
}

ScriptedServer::~ScriptedServer() {
  state_->context.stop();
  state_->thread.join();
}

rpc_client::ServerAddress ScriptedServer::address() const {
  return {.host = "127.0.0.1", .port = std::to_string(state_->acceptor.local_endpoint().port())};
}

std::vector<std::string> ScriptedServer::request_heads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->request_heads;
}

}  // namespace coupond::test

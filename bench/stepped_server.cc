#include "stepped_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "access/key.h"
#include "base/check.h"
#include "engine/codes/coupon_code.h"
#include "rpc/http/handler.h"

namespace coupond::bench {
namespace {

FileDescriptor Connect(std::uint16_t port) {
  FileDescriptor connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(port);
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  COUPOND_CHECK(::connect(connection.number(), reinterpret_cast<const sockaddr*>(&address),
                          sizeof(address)) == 0);
  return connection;
}

/// Receives an answer, which the server writes at once.
void Receive(const FileDescriptor& connection, std::string& answer) {
  std::array<char, 1'024> bytes;  // not initialised, which would only cost instructions
  const ssize_t received = ::recv(connection.number(), bytes.data(), bytes.size(), 0);
  COUPOND_CHECK(received > 0);
  answer.assign(bytes.data(), static_cast<std::size_t>(received));
  COUPOND_CHECK(answer.starts_with("HTTP/1.1 200"));
}

}  // namespace

/// Passes the requests on, and counts them.
class SteppedServer::CountingHandler final : public http::Handler {
 public:
  CountingHandler(SteppedServer& server, std::unique_ptr<http::Handler> handler)
      : server_(server), handler_(std::move(handler)) {}

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override {
    handler_->Handle(request, std::move(exchange));
    server_.Tell([this] { ++server_.handled_; });
  }

 private:
  SteppedServer& server_;
  const std::unique_ptr<http::Handler> handler_;
};

SteppedServer::SteppedServer(std::size_t connections, bool with_keys) : answers_(connections) {
  if (with_keys) {
    std::vector<access::Key> keys;
    for (const access::Role role : access::kRoles) {
      access::NewKey made = access::MakeKey({.role = role}, entropy_);
      keys.push_back(made.key);
      if (role == access::Role::kAdmin) key_ = std::move(made.text);
    }
    ring_.Replace(std::move(keys));
  }
  auto engine = Engine::StartStepped({.log = log_,
                                      .stored_log = log_,
                                      .views = views_,
                                      .clock = clock_,
                                      .fence = fence_,
                                      .observer = &metrics_.engine()},
                                     {}, {});
  COUPOND_CHECK(engine.has_value());
  engine_ = std::move(*engine);
  service_ = std::make_unique<api::CouponService>(
      *engine_, entropy_, CodeKey{},
      api::CouponServiceOptions{.keys = with_keys ? &ring_ : nullptr, .metrics = &metrics_});
  server_ = std::make_unique<http::Server>(
      http::ServerOptions{.port = 0}, [this](http::Executor& executor) {
        executor_ = &executor;
        return std::make_unique<CountingHandler>(*this, service_->MakeHandler(executor));
      });
  COUPOND_CHECK(server_->Start().has_value());
  for (std::size_t i = 0; i < connections; ++i) connections_.push_back(Connect(server_->port()));
}

SteppedServer::~SteppedServer() = default;

std::string SteppedServer::Post(std::string_view path, std::string_view content_type,
                                std::string_view body) const {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ");
  request.append(content_type);
  if (!key_.empty()) request.append("\r\nAuthorization: Bearer ").append(key_);
  request.append("\r\nContent-Length: ");
  request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return request;
}

std::span<const std::string> SteppedServer::Answer(std::span<const std::string> requests) {
  COUPOND_CHECK(requests.size() <= connections_.size());
  HoldWorker();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto sent = ::send(connections_[i].number(), requests[i].data(), requests[i].size(), 0);
    COUPOND_CHECK(sent == static_cast<ssize_t>(requests[i].size()));
  }
  Tell([this] { released_ = true; });
  Await([this, &requests] { return handled_ == requests.size(); });
  AwaitWorker();
  while (engine_->StepSequencer()) continue;
  for (std::size_t i = 0; i < requests.size(); ++i) Receive(connections_[i], answers_[i]);
  return std::span(answers_).first(requests.size());
}

void SteppedServer::Await(const std::function<bool()>& ready) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, ready);
}

void SteppedServer::Tell(const std::function<void()>& change) {
  const std::lock_guard lock(mutex_);
  change();
  changed_.notify_all();
}

void SteppedServer::HoldWorker() {
  Tell([this] {
    handled_ = 0;
    held_ = released_ = false;
  });
  executor_->Post([this] {
    Tell([this] { held_ = true; });
    Await([this] { return released_; });
  });
  Await([this] { return held_; });
}

void SteppedServer::AwaitWorker() {
  Tell([this] { idle_ = false; });
  executor_->Post([this] { Tell([this] { idle_ = true; }); });
  Await([this] { return idle_; });
}

}  // namespace coupond::bench

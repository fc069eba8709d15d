#include "rpc/http/server.h"

#include <algorithm>
#include <utility>

#include "rpc/http/listener.h"
#include "rpc/http/worker.h"

namespace coupond::http {

namespace {

ServerOptions WithDefaults(ServerOptions options) {
  if (!options.log) options.log = [](const std::string&) {};
  options.threads = std::max(options.threads, 1U);
  return options;
}

}  // namespace

Server::Server(ServerOptions options, HandlerFactory handlers)
    : options_(WithDefaults(std::move(options))),
      handlers_(std::move(handlers)),
      large_bodies_(options_.limits.large_bodies_max) {}

Server::~Server() { Join(std::chrono::steady_clock::now()); }

Status Server::Start() {
  BoundPort port = TRY(BoundPort::Bind(options_.address, options_.port));
  return Start(std::move(port));
}

Status Server::Start(BoundPort port) {
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<Worker*> borrowed;
  for (unsigned i = 0; i < options_.threads; ++i) {
    workers.push_back(std::make_unique<Worker>(options_, large_bodies_));
    borrowed.push_back(workers.back().get());
  }
  auto listener = std::make_unique<Listener>(borrowed, options_.limits, options_.log);
  const std::uint16_t number = port.endpoint().port();
  TRY(listener->Open(std::move(port)));
  port_ = number;
  workers_ = std::move(workers);
  listener_ = std::move(listener);
  for (const auto& worker : workers_) worker->Start(handlers_(worker->executor()));
  workers_.front()->executor().Post([this] { listener_->Accept(); });
  return {};
}

std::size_t Server::connections() const {
  return listener_ == nullptr ? 0 : listener_->connections();
}

std::uint64_t Server::refused_connections() const {
  return listener_ == nullptr ? 0 : listener_->refused_of_addresses();
}

void Server::BeginStop() {
  if (workers_.empty()) return;
  workers_.front()->executor().Post([this] { listener_->Close(); });
  for (const auto& worker : workers_) worker->BeginStop();
}

void Server::Join(std::chrono::steady_clock::time_point deadline) {
  BeginStop();
  for (const auto& worker : workers_) worker->WaitUntilEnded(deadline);
  for (const auto& worker : workers_) worker->Join();
}

}  // namespace coupond::http

#include "system/crash/load.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

#include "system/crash/campaign_slots.h"
#include "system/crash/client_ledger.h"
#include "system/crash/fault_log.h"
#include "system/crash/load_client.h"

namespace coupond::test {
namespace {

/// Accepts connections and never answers.
class MuteServer {
 public:
  MuteServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    constexpr int kBacklog = 16;
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(socket_, kBacklog) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot listen");
    }
    port_ = ntohs(address.sin_port);
  }
  /// Ends all connections.
  ~MuteServer() { ::close(socket_); }
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

TEST(Load, ReportsThatAServerHasStoppedAnswering) {
  FaultLog faults;
  ClientLedger ledger(faults);
  CampaignSlots slots(ledger, 1);
  std::vector<std::unique_ptr<LoadClient>> clients;
  clients.push_back(std::make_unique<LoadClient>(
      LoadClient::Shared{.ledger = ledger, .slots = slots, .faults = faults}, 1, 0));
  auto server = std::make_unique<MuteServer>();
  Load load(clients, server->port());
  EXPECT_FALSE(load.WaitForAnswers(1, std::chrono::milliseconds(50)));
  EXPECT_TRUE(load.WaitForAnswers(0, std::chrono::milliseconds(50)));
  load.ExpectEnd();
  server.reset();
}

}  // namespace
}  // namespace coupond::test

#ifndef COUPOND_TEST_SYSTEM_PROGRAM_KILLED_SERVER_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_KILLED_SERVER_H_

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

namespace coupond::test {

/// Reports whether a test is to take minutes for what it otherwise does a little of.
inline bool IsFullRun() { return std::getenv("COUPOND_TEST_FULL") != nullptr; }

/// A server that ends while clients call it. Any thread, but one alone ends it.
class KilledServer {
 public:
  /// Waits until a server listens, and connects.
  [[nodiscard]] CouponClient Connect() {
    for (;;) {
      port_.wait(0);
      if (const std::uint16_t port = port_) return CouponClient(port, Form::kConnectProto);
    }
  }
  /// Calls until there is an answer, however often the server dies; what is asked must be the same
  /// if it comes twice. The client is a new one after a death.
  template <typename Call>
  auto Ask(CouponClient& client, Call call) {
    for (;;) {
      auto answer = call(client);
      if (answer.status != 0 && answer.status != 503) return answer;
      client = Connect();
    }
  }
  void KillAndRestart() {
    port_ = 0;
    process_.Kill();
    Restart();
  }
  /// Does the same with a clean stop, after which a start reads the views instead of the whole log.
  void StopAndRestart() {
    port_ = 0;
    EXPECT_EQ(process_.Stop(), 0) << process_.output();
    Restart();
  }
  [[nodiscard]] ServerProcess& process() { return process_; }

 private:
  void Restart() {
    process_.Start();
    port_ = process_.port();
    port_.notify_all();
  }

  ServerProcess process_;
  std::atomic<std::uint16_t> port_ = process_.port();  // 0 while no server listens
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_KILLED_SERVER_H_

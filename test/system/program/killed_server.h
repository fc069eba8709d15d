#ifndef COUPOND_TEST_SYSTEM_PROGRAM_KILLED_SERVER_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_KILLED_SERVER_H_

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

namespace coupond::test {

/// Reports whether a test is to take minutes for what it otherwise does a little of.
inline bool IsFullRun() { return std::getenv("COUPOND_TEST_FULL") != nullptr; }

/// A server that ends while clients call it. Any thread, but one alone ends it.
class KilledServer {
 public:
  /// Waits until a server listens, and connects. Throws if none does for longer than a stop and a
  /// start may take. On a client's thread this ends the whole program.
  [[nodiscard]] CouponClient Connect() {
    std::unique_lock lock(mutex_);
    if (!listens_.wait_for(lock, kPatience, [this] { return port_ != 0; })) {
      throw std::runtime_error("a client waits for a server, but none has listened for minutes");
    }
    const std::uint16_t port = port_;
    lock.unlock();
    return CouponClient(port, Form::kConnectProto);
  }
  /// Calls until there is an answer, however often the server dies; what is asked must be the same
  /// if it comes twice. The client is a new one after a death. Like Connect, throws if there is
  /// none for that long.
  template <typename Call>
  auto Ask(CouponClient& client, Call call) {
    for (const auto end = std::chrono::steady_clock::now() + kPatience;;) {
      auto answer = call(client);
      if (answer.status != 0 && answer.status != 503) return answer;
      if (std::chrono::steady_clock::now() > end) {
        throw std::runtime_error("a client has had no answer for minutes, at last the status " +
                                 std::to_string(answer.status));
      }
      client = Connect();
    }
  }
  void KillAndRestart() {
    SetPort(0);
    process_.Kill();
    Restart();
  }
  /// Does the same with a clean stop, after which a start reads the views instead of the whole log.
  void StopAndRestart() {
    SetPort(0);
    EXPECT_EQ(process_.Stop(), 0) << process_.output();
    Restart();
  }
  [[nodiscard]] ServerProcess& process() { return process_; }

 private:
  static constexpr std::chrono::minutes kPatience{3};

  void Restart() {
    try {
      process_.Start();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();  // now, because the clients may end the program
      throw;
    }
    SetPort(process_.port());
  }
  void SetPort(std::uint16_t port) {
    {
      const std::lock_guard lock(mutex_);
      port_ = port;
    }
    listens_.notify_all();
  }

  ServerProcess process_;
  std::mutex mutex_;
  std::condition_variable listens_;
  std::uint16_t port_ = process_.port();  // guarded by mutex_; 0 while no server listens
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_KILLED_SERVER_H_

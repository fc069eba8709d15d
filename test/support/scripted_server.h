#ifndef COUPOND_TEST_SUPPORT_SCRIPTED_SERVER_H_
#define COUPOND_TEST_SUPPORT_SCRIPTED_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rpc/client/server_address.h"

namespace coupond::test {

/// The behaviour of a scripted server on one connection.
struct Script {
  enum class End { kClose, kReset, kStayOpen };

  std::vector<std::string> pieces = {};  ///< the bytes that it sends
  std::chrono::milliseconds pause{0};    ///< before each piece but the first
  bool reads_request = true;             ///< whether it reads the request's head before it sends
  End end = End::kClose;                 ///< after the last piece
};

/// A server on a free port of the loopback interface that sends the bytes of its script, HTTP or
/// not. It has one thread.
class ScriptedServer {
 public:
  /// Uses one script for each connection in the order of their arrival, and the last one for all
  /// that follow.
  explicit ScriptedServer(std::vector<Script> scripts);
  /// Ends the thread and all connections.
  ~ScriptedServer();

  [[nodiscard]] rpc_client::ServerAddress address() const;
  /// Returns the heads of the requests that were read so far.
  [[nodiscard]] std::vector<std::string> request_heads() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_SCRIPTED_SERVER_H_

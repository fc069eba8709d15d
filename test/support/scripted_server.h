#ifndef COUPOND_TEST_SUPPORT_SCRIPTED_SERVER_H_
#define COUPOND_TEST_SUPPORT_SCRIPTED_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rpc/client/server_address.h"

namespace coupond::ctl {

/// What a scripted server does with one connection.
struct Script {
  enum class End { kClose, kReset, kStayOpen };

  std::vector<std::string> pieces = {};  ///< what it sends, byte for byte
  std::chrono::milliseconds pause{0};    ///< before each piece but the first
  bool reads_request = true;             ///< before it sends anything; else it reads nothing
  End end = End::kClose;                 ///< after the last piece
};

/// A server on a free port of the loopback interface that sends whatever it was told to, HTTP or
/// not, with one thread of its own.
class ScriptedServer {
 public:
  /// One script for each connection in the order of their arrival; the last one for all that
  /// follow.
  explicit ScriptedServer(std::vector<Script> scripts);
  /// Ends the thread and all connections.
  ~ScriptedServer();

  [[nodiscard]] ServerAddress address() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TEST_SUPPORT_SCRIPTED_SERVER_H_

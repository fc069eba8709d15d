#ifndef COUPOND_RPC_HTTP_HTTP1_SESSION_SCOPE_H_
#define COUPOND_RPC_HTTP_HTTP1_SESSION_SCOPE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "rpc/http/date_line.h"
#include "rpc/http/handler.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/limits.h"
#include "rpc/http/log_hook.h"
#include "rpc/http/mailbox.h"

namespace coupond::http {

class Session;

/// What the sessions of one worker share. Owned by the worker; its thread only.
struct SessionScope {
  Limits limits;
  HostPolicy hosts;
  LogHook log;
  ErrorFormat error_format;
  std::shared_ptr<Mailbox> mailbox;
  std::unique_ptr<Handler> handler;
  DateText date;

  /// Time for deadlines: counting ticks is cheaper than reading a clock for every request.
  std::chrono::milliseconds tick_length{kTickMax};
  std::uint64_t tick = 0;

  /// From now on every answer is its connection's last.
  bool stopping = false;

  /// The open sessions; being in this list keeps a session alive.
  std::list<std::shared_ptr<Session>> sessions;
  /// Called when a session has left the list.
  std::function<void()> on_session_end;

  /// The first tick at which at least `timeout` will have passed.
  [[nodiscard]] std::uint64_t DeadlineTick(std::chrono::milliseconds timeout) const {
    const auto ticks = (timeout + tick_length - std::chrono::milliseconds(1)) / tick_length;
    return tick + static_cast<std::uint64_t>(ticks) + 1;
  }
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_SESSION_SCOPE_H_

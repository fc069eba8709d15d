#ifndef COUPOND_RPC_HTTP_LOG_HOOK_H_
#define COUPOND_RPC_HTTP_LOG_HOOK_H_

#include <functional>
#include <string>

namespace coupond::http {

/// Told, in one line for an operator, of what nobody else would hear about: a handler that threw,
/// an answer that was never given, a listener that cannot accept. Called on any worker's thread.
using LogHook = std::function<void(std::string)>;

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_LOG_HOOK_H_

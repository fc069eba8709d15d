#ifndef COUPOND_RPC_HTTP_SOCKET_OPTIONS_H_
#define COUPOND_RPC_HTTP_SOCKET_OPTIONS_H_

namespace coupond::http {

/// Sets what every accepted TCP connection has: answers leave at once (TCP_NODELAY), and a host
/// that is gone without a word is noticed within kVanishedAfter (limits.h), whether there is
/// something to send to it or not. What the kernel refuses is left as it is: the connection may be
/// gone already, which the first read will say.
void SetConnectionOptions(int socket);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_SOCKET_OPTIONS_H_

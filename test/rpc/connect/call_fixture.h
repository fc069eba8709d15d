#ifndef COUPOND_TEST_RPC_CONNECT_CALL_FIXTURE_H_
#define COUPOND_TEST_RPC_CONNECT_CALL_FIXTURE_H_

#include <chrono>
#include <memory>
#include <optional>

#include "fake_exchange.h"
#include "rpc/connect/call.h"
#include "rpc/json/json_format.h"
#include "support/manual_executor.h"

namespace coupond::connect {

/// A call as the router starts it, on an exchange that keeps the response.
struct CallFixture {
  /// The call's response type is Message.
  template <typename Message>
  CallStart Start(Dialect dialect, Compression compression = Compression::kIdentity) {
    return CallStart{.exchange = exchange,
                     .executor = executor,
                     .context = {.deadline = Deadline()},
                     .format = {.dialect = dialect,
                                .compression = compression,
                                .compress_bytes_min = 0,
                                .json = std::make_shared<JsonFormat>(Message::descriptor())},
                     .timeout = timeout};
  }

  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> Deadline() const {
    if (!timeout) return std::nullopt;
    return std::chrono::steady_clock::now() + *timeout;
  }

  std::shared_ptr<FakeExchange> exchange = std::make_shared<FakeExchange>();
  test::ManualExecutor executor;
  std::optional<std::chrono::milliseconds> timeout;
};

inline constexpr Dialect kUnaryJson{Protocol::kConnectUnary, Codec::kJson};
inline constexpr Dialect kUnaryProto{Protocol::kConnectUnary, Codec::kProto};
inline constexpr Dialect kStreamJson{Protocol::kConnectStream, Codec::kJson};
inline constexpr Dialect kGrpcWebProto{Protocol::kGrpcWeb, Codec::kProto};
inline constexpr Dialect kGrpcWebJson{Protocol::kGrpcWeb, Codec::kJson};

}  // namespace coupond::connect

#endif  // COUPOND_TEST_RPC_CONNECT_CALL_FIXTURE_H_

#ifndef COUPOND_API_ACCESS_LIMIT_CHECK_H_
#define COUPOND_API_ACCESS_LIMIT_CHECK_H_

#include <expected>
#include <string_view>
#include <unordered_map>

#include "api/access/ask_limits.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// Reports whether the method at `path` tells a caller whether a code exists.
[[nodiscard]] bool AsksForCode(std::string_view path);

/// Holds calls to the limits on asking, after the KeyCheck, before anything is decompressed or
/// decoded. The methods themselves count the unknown codes.
///
/// For one worker, on its thread.
class LimitCheck final : public connect::Interceptor {
 public:
  explicit LimitCheck(AskLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::expected<void, connect::Error> OnStart(connect::CallContext& context,
                                                            const http::Request& request) override;
  [[nodiscard]] bool needs_end() const override { return false; }

 private:
  AskLimits& limits_;
  std::unordered_map<const connect::MethodDescriptor*, bool> asks_for_code_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_LIMIT_CHECK_H_

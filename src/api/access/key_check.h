#ifndef COUPOND_API_ACCESS_KEY_CHECK_H_
#define COUPOND_API_ACCESS_KEY_CHECK_H_

#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "access/key_ring.h"
#include "api/access/access_counters.h"
#include "api/access/caller.h"
#include "api/access/caller_table.h"
#include "api/access/method_access.h"
#include "engine/ports/clock.h"
#include "rpc/connect/cors.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// Lets through the calls whose key may call the method, before a large body is read, anything is
/// decompressed or decoded, or the existence of what it names is checked. What a key is limited to
/// besides its role is checked where the request has been read (campaign_limits.h).
///
/// For one worker, on its thread.
class KeyCheck final : public connect::Interceptor {
 public:
  /// The clock is the engine's. `pages` says which web pages a public key may be used by.
  /// `counters` (null: nothing is counted) must outlive this.
  KeyCheck(const access::KeyRing& ring, const Clock& clock,
           std::shared_ptr<const connect::CorsPolicy> pages, AccessCounters* counters = nullptr);

  using Checked = std::expected<std::shared_ptr<const Caller>, connect::Error>;
  /// Returns who calls, or why that is refused: `unauthenticated` without a key that is valid,
  /// `permission_denied` if its role may not call the method, or a public key comes from elsewhere
  /// than the pages that may have it.
  [[nodiscard]] Checked Check(const MethodAccess& method, const http::Request& request);
  /// Returns who the caller is by the present keys, or why its key would be refused now: for what
  /// goes on after the check. The reasons are those of Check; nothing is counted.
  [[nodiscard]] Checked CheckAgain(const Caller& caller);

  [[nodiscard]] std::expected<void, connect::Error> BeforeLargeBody(
      const connect::MethodDescriptor& method, const http::Request& head) override;
  [[nodiscard]] std::expected<void, connect::Error> OnStart(connect::CallContext& context,
                                                            const http::Request& request) override;
  [[nodiscard]] bool needs_end() const override { return false; }

 private:
  /// Returns the caller whose key the request has.
  [[nodiscard]] Checked Authenticate(const http::Request& request);
  /// Why a key of the ring is refused.
  struct Invalid {
    AuthFailure reason;
    connect::Error error;
  };
  /// Returns nullopt if the key is valid at this moment.
  [[nodiscard]] std::optional<Invalid> WhyInvalid(const access::Key& key) const;
  void Count(AuthFailure reason) const {
    if (counters_ != nullptr) counters_->Count(reason);
  }
  [[nodiscard]] std::expected<void, connect::Error> CheckOrigin(const http::Request& request) const;
  /// Returns the row of a method without comparing paths.
  [[nodiscard]] const MethodAccess& RowOf(const connect::MethodDescriptor& method);

  CallerTable callers_;
  const Clock& clock_;
  const std::shared_ptr<const connect::CorsPolicy> pages_;
  AccessCounters* const counters_;
  std::unordered_map<const connect::MethodDescriptor*, const MethodAccess*> rows_;
};

/// Returns who asks for a page that stands for the method at `path`, or why that is refused. The
/// check is null if the server has no keys; so is the caller then.
[[nodiscard]] KeyCheck::Checked CheckPage(KeyCheck* check, std::string_view path,
                                          const http::Request& request);

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_KEY_CHECK_H_

#include "api/access/key_check.h"

#include <array>
#include <string>
#include <utility>

#include "api/time_mapping.h"
#include "base/ascii.h"
#include "base/display_text.h"
#include "rpc/connect/error.h"

namespace coupond::api {
namespace {

using connect::Code;

constexpr std::string_view kScheme = "Bearer";
constexpr std::string_view kExample = "send a valid one in the header Authorization: Bearer ck_…";

connect::Error Unauthenticated(std::string_view reason, std::string message) {
  return {.code = Code::kUnauthenticated,
          .message = std::move(message),
          .headers = {{"WWW-Authenticate", std::string(kScheme)}},
          .reason = reason};
}

connect::Error KeyInvalid() {
  return Unauthenticated("KEY_INVALID", "the access key is not valid; " + std::string(kExample));
}

/// Returns the method's own name, without its package and service.
std::string_view NameOf(const MethodAccess& method) {
  return method.path.substr(method.path.rfind('/') + 1);
}

}  // namespace

KeyCheck::KeyCheck(const access::KeyRing& ring, const Clock& clock,
                   std::shared_ptr<const connect::CorsPolicy> pages, AccessCounters* counters)
    : callers_(ring), clock_(clock), pages_(std::move(pages)), counters_(counters) {}

KeyCheck::Checked KeyCheck::Authenticate(const http::Request& request) {
  std::optional<std::string_view> sent;
  for (const http::HeaderField& field : request.headers) {
    if (!EqualsIgnoringCase(field.name, "Authorization")) continue;
    if (sent) {
      Count(AuthFailure::kMalformed);
      return std::unexpected(KeyInvalid());
    }
    sent = field.value;
  }
  if (!sent) {
    Count(AuthFailure::kMissing);
    return std::unexpected(
        Unauthenticated("KEY_MISSING", "there is no access key; " + std::string(kExample)));
  }
  std::string_view text = *sent;
  if (!EqualsIgnoringCase(TakeUntil(' ', text), kScheme)) {
    Count(AuthFailure::kMalformed);
    return std::unexpected(KeyInvalid());
  }
  const std::string_view key_text = Trimmed(text);
  std::shared_ptr<const Caller> caller = callers_.Find(key_text);
  if (!caller) {
    Count(access::ParseKeyText(key_text) ? AuthFailure::kUnknown : AuthFailure::kMalformed);
    return std::unexpected(KeyInvalid());
  }
  if (auto invalid = WhyInvalid(caller->key())) {
    Count(invalid->reason);
    return std::unexpected(std::move(invalid->error));
  }
  return caller;
}

std::optional<KeyCheck::Invalid> KeyCheck::WhyInvalid(const access::Key& key) const {
  if (key.revoked) {
    return Invalid{.reason = AuthFailure::kRevoked,
                   .error = Unauthenticated(
                       "KEY_REVOKED", "the access key was revoked; " + std::string(kExample))};
  }
  if (key.expires && clock_.Now() >= *key.expires) {
    return Invalid{.reason = AuthFailure::kExpired,
                   .error = Unauthenticated("KEY_EXPIRED", "the access key expired at " +
                                                               FormatTimestamp(*key.expires) +
                                                               "; " + std::string(kExample))};
  }
  return std::nullopt;
}

std::expected<void, connect::Error> KeyCheck::CheckOrigin(const http::Request& request) const {
  const auto origin = request.Header("Origin");
  if (!origin) {
    return connect::MakeError(Code::kPermissionDenied,
                              "a public key is only for web pages, and this request has no Origin",
                              "ORIGIN_MISSING");
  }
  if (pages_->AllowOriginFor(*origin) != nullptr) return {};
  return connect::MakeError(
      Code::kPermissionDenied,
      "a web page of " + Quoted(*origin) + " may not use this key" + pages_->advice(),
      "ORIGIN_NOT_ALLOWED");
}

KeyCheck::Checked KeyCheck::Check(const MethodAccess& method, const http::Request& request) {
  if (!method.needs_key()) return nullptr;
  std::shared_ptr<const Caller> caller = TRY(Authenticate(request));
  if (!method.roles.Has(caller->role())) {
    Count(AuthFailure::kRole);
    return connect::MakeError(
        Code::kPermissionDenied,
        "a key with the role " + std::string(access::RoleName(caller->role())) + " may not call " +
            std::string(NameOf(method)) + "; these roles may: " + method.roles.Names(),
        "ROLE_NOT_ALLOWED");
  }
  if (method.scope == CampaignScope::kWholeStore && caller->is_limited()) {
    Count(AuthFailure::kCampaign);
    return connect::MakeError(Code::kPermissionDenied,
                              "the access key is limited to campaigns, and " +
                                  std::string(NameOf(method)) + " is about all of them",
                              "CAMPAIGN_NOT_ALLOWED");
  }
  if (caller->role() == access::Role::kPublic) {
    auto passed = CheckOrigin(request);
    if (!passed) {
      Count(AuthFailure::kOrigin);
      return std::unexpected(std::move(passed.error()));
    }
  }
  return caller;
}

KeyCheck::Checked KeyCheck::CheckAgain(const Caller& caller) {
  std::shared_ptr<const Caller> present = callers_.FindAgain(caller.key());
  if (!present) return std::unexpected(KeyInvalid());
  if (auto invalid = WhyInvalid(present->key())) return std::unexpected(std::move(invalid->error));
  return present;
}

const MethodAccess& KeyCheck::RowOf(const connect::MethodDescriptor& method) {
  const MethodAccess*& row = rows_[&method];
  if (row == nullptr) row = &AccessOf(method.path);
  return *row;
}

std::expected<void, connect::Error> KeyCheck::BeforeLargeBody(
    const connect::MethodDescriptor& method, const http::Request& head) {
  TRY(Check(RowOf(method), head));
  return {};
}

std::expected<void, connect::Error> KeyCheck::OnStart(connect::CallContext& context,
                                                      const http::Request& request) {
  context.principal = TRY(Check(RowOf(*context.method), request));
  return {};
}

KeyCheck::Checked CheckPage(KeyCheck* check, std::string_view path, const http::Request& request) {
  if (check == nullptr) return nullptr;
  return check->Check(AccessOf(path), request);
}

}  // namespace coupond::api

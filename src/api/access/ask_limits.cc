#include "api/access/ask_limits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "api/access/caller.h"
#include "base/error.h"
#include "base/retry_delay.h"
#include "engine/rules/ids.h"
#include "rpc/http/ip_network.h"

namespace coupond::api {
namespace {

using access::RateLimiter;
using http::PeerAddress;

/// The part of a limit, in percent, that is left when answers begin to tell of it.
constexpr unsigned kNearPercent = 10;

/// A limit as clients see it.
struct Shown {
  std::string_view policy;   ///< its name
  std::string_view message;  ///< what there was too much of
};

constexpr Shown kPublicShown{"public", "too many calls with a public key from this address"};
constexpr Shown kKeyShown{"codes-of-key",
                          "too many codes that no coupon has were asked for with this access key"};
constexpr Shown kAddressShown{"codes-of-address",
                              "too many codes that no coupon has were asked for from this address"};

/// What tells one client address from another.
using AddressBytes = std::array<std::uint8_t, 1 + sizeof(PeerAddress::bytes)>;

AddressBytes BytesOf(const PeerAddress& address) {
  const PeerAddress client = http::ClientPart(address);
  AddressBytes bytes{static_cast<std::uint8_t>(client.family)};
  std::ranges::copy(client.bytes, bytes.begin() + 1);
  return bytes;
}

/// What tells one key from another.
using KeyBytes = std::array<std::uint8_t, sizeof(std::uint64_t)>;

KeyBytes BytesOf(KeyId key) { return std::bit_cast<KeyBytes>(std::uint64_t{key.value()}); }

std::string Seconds(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

/// Adds the fields of the IETF draft draft-ietf-httpapi-ratelimit-headers.
void AddFields(const Shown& shown, const RateLimiter& limiter,
               const RateLimiter::Standing& standing, connect::Metadata& fields) {
  const std::string name = "\"" + std::string(shown.policy) + "\"";
  fields.emplace_back("RateLimit-Policy",
                      name + ";q=" + std::to_string(limiter.per_minute()) + ";w=60");
  const auto wait = standing.left > 0 ? standing.until_full : standing.until_next;
  fields.emplace_back("RateLimit",
                      name + ";r=" + std::to_string(standing.left) + ";t=" + Seconds(wait));
}

void AddFieldsIfNear(const Shown& shown, const RateLimiter& limiter,
                     const RateLimiter::Standing& standing, connect::CallContext& context) {
  if (standing.left * 100 <= limiter.per_minute() * kNearPercent) {
    AddFields(shown, limiter, standing, context.answer_headers);
  }
}

connect::Error TooMany(const Shown& shown, const RateLimiter& limiter,
                       const RateLimiter::Standing& standing) {
  // Waits differ, so that those who were refused together do not return together.
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(standing.until_next) +
                    RetryDelay() - kRetryDelayMin;
  const std::string limit = std::to_string(limiter.per_minute());
  connect::Error error{
      .code = connect::Code::kResourceExhausted,
      .message = std::string(shown.message) + "; at most " + limit + " a minute are allowed",
      .reason = "RATE_LIMITED",
      .retry_delay = wait,
      .facts = {{"policy", std::string(shown.policy)}, {"per_minute", limit}}};
  AddFields(shown, limiter, standing, error.headers);
  return error;
}

/// Returns the address of the visitor who asks, or nullopt if none is known.
std::optional<PeerAddress> VisitorOf(const connect::CallContext& context,
                                     const http::TrustedProxies& proxies) {
  const bool is_back_end = CallerOf(context) != nullptr;
  if (context.forwarded_client) {
    // A proxy on a socket hides its client, and has no address that could be counted instead.
    if (context.forwarded_client->is_unix) return std::nullopt;
    // A back end that comes through the proxies, and is named as one of them, asks for many people.
    if (is_back_end && proxies.Contains(*context.forwarded_client)) return std::nullopt;
    return context.forwarded_client;
  }
  const bool is_unknown = context.peer.family == PeerAddress::Family::kUnknown;
  if (is_back_end || is_unknown || http::IsLoopbackAddress(context.peer)) return std::nullopt;
  return context.peer;
}

std::optional<RateLimiter> MakeLimiter(unsigned per_minute, Entropy& entropy) {
  if (per_minute == 0) return std::nullopt;
  return std::optional<RateLimiter>(std::in_place, per_minute, entropy);
}

}  // namespace

AskLimits::AskLimits(const AskLimitOptions& options, Entropy& entropy)
    : proxies_(options.proxies),
      public_calls_(MakeLimiter(options.public_calls, entropy)),
      codes_of_key_(MakeLimiter(options.unknown_codes, entropy)),
      codes_of_address_(kUnknownCodesPerAddress, entropy) {}

AskLimits::Passed AskLimits::CountPublicCall(connect::CallContext& context, Clock::time_point now) {
  if (!public_calls_) return {};
  const AddressBytes client = BytesOf(context.forwarded_client.value_or(context.peer));
  const auto standing = public_calls_->TryTake(client, now);
  if (!standing.taken) {
    refused_public_.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(TooMany(kPublicShown, *public_calls_, standing));
  }
  AddFieldsIfNear(kPublicShown, *public_calls_, standing, context);
  return {};
}

AskLimits::Passed AskLimits::CheckCodes(connect::CallContext& context, Clock::time_point now) {
  if (const Caller* const caller = CallerOf(context); caller != nullptr && codes_of_key_) {
    const auto standing = codes_of_key_->Look(BytesOf(caller->key().id), now);
    if (standing.left == 0) {
      refused_key_.fetch_add(1, std::memory_order_relaxed);
      return std::unexpected(TooMany(kKeyShown, *codes_of_key_, standing));
    }
    AddFieldsIfNear(kKeyShown, *codes_of_key_, standing, context);
  }
  if (const auto visitor = VisitorOf(context, proxies_)) {
    const auto standing = codes_of_address_.Look(BytesOf(*visitor), now);
    if (standing.left == 0) {
      refused_address_.fetch_add(1, std::memory_order_relaxed);
      return std::unexpected(TooMany(kAddressShown, codes_of_address_, standing));
    }
    AddFieldsIfNear(kAddressShown, codes_of_address_, standing, context);
  }
  return {};
}

void AskLimits::CountUnknownCode(const connect::CallContext& context, Clock::time_point now) {
  if (const Caller* const caller = CallerOf(context); caller != nullptr && codes_of_key_) {
    codes_of_key_->Take(BytesOf(caller->key().id), now);
  }
  if (const auto visitor = VisitorOf(context, proxies_))
    codes_of_address_.Take(BytesOf(*visitor), now);
}

AskLimits::Refused AskLimits::refused() const {
  return {.public_calls = refused_public_.load(std::memory_order_relaxed),
          .unknown_codes_of_key = refused_key_.load(std::memory_order_relaxed),
          .unknown_codes_of_address = refused_address_.load(std::memory_order_relaxed)};
}

void CountIfUnknownCode(AskLimits* limits, RefusalReason reason, const connect::Call& call) {
  if (limits == nullptr || reason != RefusalReason::kNoSuchCoupon) return;
  limits->CountUnknownCode(call.context(), AskLimits::Clock::now());
}

}  // namespace coupond::api

#include "couponctl/load/issue_requests.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/check.h"
#include "base/entropy.h"
#include "base/hex.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_service.h"
#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {
namespace {

constexpr std::size_t kRequestIdBytes = 32;
constexpr std::string_view kUserPrefix = "user-";

std::mt19937_64 SeededGenerator() {
  const std::array<std::uint8_t, 16> random = SystemEntropy().Random16();
  std::seed_seq seed(random.begin(), random.end());
  return std::mt19937_64(seed);
}

}  // namespace

std::string UserName(std::uint64_t user) {
  return user == 0 ? std::string() : fmt::format("{}{}", kUserPrefix, user);
}

std::uint64_t UserNumber(std::string_view user_id) {
  if (!user_id.starts_with(kUserPrefix)) return 0;
  const std::string_view digits = user_id.substr(kUserPrefix.size());
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && UserName(number) == user_id ? number : 0;
}

IssueRequests::IssueRequests(const rpc_client::ServerAddress& server,
                             const std::string& campaign_id, RequestIdentity identity)
    : identity_(identity), random_(SeededGenerator()) {
  coupon::v1::IssueCouponRequest request;
  request.set_campaign_id(campaign_id);
  const auto prepare = [&](std::string_view replaced) {
    Prepared prepared{.bytes = rpc_client::EncodeCall(
                          server, kIssueCoupon, request.SerializeAsString(), RequestHeaders()),
                      .size = replaced.size()};
    prepared.at = prepared.bytes.rfind(replaced);
    COUPOND_CHECK(prepared.at != std::string::npos);
    prepared_.push_back(std::move(prepared));
  };
  if (identity.users > 0) {
    const std::size_t digits_max = fmt::formatted_size("{}", identity.users);
    for (std::size_t digits = 1; digits <= digits_max; ++digits) {
      const std::string placeholder(digits, '#');
      request.set_user_id(std::string(kUserPrefix) + placeholder);
      prepare(placeholder);
    }
  } else {
    const std::string placeholder(identity.request_ids ? kRequestIdBytes : 0, '#');
    request.set_request_id(placeholder);
    prepare(placeholder);
  }
}

std::uint64_t IssueRequests::Next(std::string& bytes) {
  if (identity_.users > 0) {
    user_ = user_ % identity_.users + 1;
    const fmt::format_int digits(user_);
    const Prepared& prepared = prepared_[digits.size() - 1];
    bytes = prepared.bytes;
    bytes.replace(prepared.at, prepared.size, digits.data(), digits.size());
    return user_;
  }
  const Prepared& prepared = prepared_.front();
  if (bytes.empty()) bytes = prepared.bytes;
  if (identity_.request_ids) DrawRequestId(bytes.data() + prepared.at);
  return 0;
}

void IssueRequests::DrawRequestId(char* to) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kRequestIdBytes; ++i, bits >>= 4) {
    if (i % 16 == 0) bits = random_();
    to[i] = kHexDigits[bits & 0xf];
  }
}

}  // namespace coupond::ctl

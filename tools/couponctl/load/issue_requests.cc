#include "couponctl/load/issue_requests.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <span>

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
  const auto encode = [&](std::span<const std::string> texts) {
    request.set_user_id(texts[0]);
    request.set_request_id(texts[1]);
    return rpc_client::EncodeCall(server, kIssueCoupon, request.SerializeAsString(),
                                  RequestHeaders());
  };
  const std::size_t request_id_bytes = identity.request_ids ? kRequestIdBytes : 0;
  if (identity.users == 0) prepared_.push_back(PreparedCall({0, request_id_bytes}, encode));
  const std::size_t names = identity.users == 0 ? 0 : fmt::formatted_size("{}", identity.users);
  for (std::size_t digits = 1; digits <= names; ++digits) {
    prepared_.push_back(PreparedCall({kUserPrefix.size() + digits, request_id_bytes}, encode));
  }
}

std::uint64_t IssueRequests::Next(std::string& bytes) {
  if (identity_.users == 0) {
    prepared_.front().Write({"", DrawRequestId()}, bytes);
    return 0;
  }
  user_ = user_ % identity_.users + 1;
  const std::string name = UserName(user_);
  const std::size_t digits = name.size() - kUserPrefix.size();
  prepared_[digits - 1].Write({name, DrawRequestId()}, bytes);
  return user_;
}

std::string IssueRequests::DrawRequestId() {
  std::string id(identity_.request_ids ? kRequestIdBytes : 0, '0');
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < id.size(); ++i, bits >>= 4) {
    if (i % 16 == 0) bits = random_();
    id[i] = kHexDigits[bits & 0xf];
  }
  return id;
}

}  // namespace coupond::ctl

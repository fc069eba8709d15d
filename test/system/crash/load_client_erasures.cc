// How a client erases users.

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "system/crash/load_client.h"

namespace coupond::test {
namespace {

constexpr const char* kPath = "/coupon.v1.AdminService/EraseUser";
constexpr int kOk = 200;
constexpr int kServiceUnavailable = 503;

std::string TextIn(const boost::json::value& answer, const char* field) {
  const auto* value = answer.as_object().if_contains(field);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

}  // namespace

bool LoadClient::EraseSomebody(CouponClient& client, const std::string& campaign) {
  Request request{.campaign = campaign, .claim = {}, .user_id = {}, .request_id = {}};
  if (!shared_.ledger.TakeErasure()) return Ask(client, request);
  const std::string number = std::to_string(number_) + "-" + std::to_string(++requests_);
  request.user_id = request.claim = "erased " + number;
  if (shared_.ledger.Find(campaign).coupons_per_user > 1) {
    request.request_id = request.claim = "request " + number;
  }
  if (!Issue(client, request)) return false;
  if (!shared_.ledger.BeginErasure(request.user_id, campaign, request.claim)) return true;
  return Erase(client, {.user_id = request.user_id, .request_id = "erasure " + number});
}

bool LoadClient::Erase(CouponClient& client, Erasure erasure) {
  const auto reply = client.http().Ask(
      PostRequest(kPath, "application/json",
                  boost::json::serialize(boost::json::object{{"userId", erasure.user_id},
                                                             {"requestId", erasure.request_id}})));
  if (!reply || reply->status == kServiceUnavailable) {
    shared_.ledger.ErasureUnknown();
    erasure.is_retry = true;
    unknown_erasures_.push_back(std::move(erasure));
    return reply.has_value();
  }
  if (reply->status != kOk) {
    Unexpected("to erase " + erasure.user_id, std::to_string(reply->status), reply->body);
    return true;
  }
  const std::string coupons = TextIn(boost::json::parse(reply->body), "erasedCoupons");
  shared_.ledger.Erased(
      erasure.user_id,
      {.erased_coupons = coupons.empty() ? 0 : std::stoll(coupons), .is_retry = erasure.is_retry});
  return LookForErased(client, erasure.user_id);
}

bool LoadClient::LookForErased(CouponClient& client, const std::string& user_id) {
  api::SearchCouponsRequest request;
  request.set_user_id(user_id);
  const auto answer = client.Search(request);
  if (answer.ok()) {
    shared_.ledger.SawCouponsOfErased(user_id,
                                      static_cast<std::size_t>(answer.response.coupons_size()));
  } else if (answer.status != 0 && answer.code != kUnavailable) {
    Unexpected("to search", answer.code, answer.message);
  }
  return answer.status != 0;
}

bool LoadClient::RetryUnknownErasures(CouponClient& client) {
  while (!unknown_erasures_.empty()) {
    // Without an answer, Erase appends it again.
    Erasure erasure = std::exchange(unknown_erasures_.front(), {});
    unknown_erasures_.pop_front();
    if (!Erase(client, std::move(erasure))) return false;
  }
  return true;
}

}  // namespace coupond::test

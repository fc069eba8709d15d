#ifndef COUPOND_TEST_API_KEYED_SERVICE_FIXTURE_H_
#define COUPOND_TEST_API_KEYED_SERVICE_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/key.h"
#include "access/key_ring.h"
#include "api/json_service_fixture.h"
#include "rpc/connect/cors.h"
#include "support/builders.h"

namespace coupond::api {

/// JsonServiceFixture's service with access keys, one for each role, and pages of kShop. Requests
/// carry the key that was chosen last.
class KeyedServiceFixture : public JsonServiceFixture {
 protected:
  static constexpr std::string_view kShop = "https://shop.example";

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(JsonServiceFixture::SetUp());
    for (const access::Role role : access::kRoles) texts_.push_back(Add({.role = role}));
    StartKeyedService(nullptr);
  }
  void StartKeyedService(const EntryTokens* entry_tokens) {
    connect::CorsOptions cors{.origins = {*connect::AllowedOrigin::Parse(kShop)}};
    StartServiceWith({.watchers_max = 1,
                      .pages = std::make_shared<const connect::CorsPolicy>(std::move(cors)),
                      .keys = &ring_,
                      .entry_tokens = entry_tokens});
  }

  /// Makes a key, and returns its text.
  std::string Add(access::Key key) {
    access::NewKey made = access::MakeKey(std::move(key), entropy_);
    keys_.push_back(made.key);
    ring_.Replace(keys_);
    return made.text;
  }
  /// Chooses the key of a role that is for all campaigns.
  void As(access::Role role) { key_ = texts_.at(static_cast<std::size_t>(role)); }
  void As(std::string text) { key_ = std::move(text); }

  Exchange Send(std::string_view method, std::string_view path, std::string_view type,
                std::string_view body, std::string_view query = "") {
    const std::string authorization = "Bearer " + key_;
    std::vector<http::HeaderField> headers;
    if (!key_.empty()) headers.push_back({"Authorization", authorization});
    if (!type.empty()) headers.push_back({"Content-Type", type});
    if (!origin_.empty()) headers.push_back({"Origin", origin_});
    if (!forwarded_for_.empty()) headers.push_back({"X-Forwarded-For", forwarded_for_});
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle({.method = method,
                      .path = path,
                      .query = query,
                      .authority = "coupons.example",
                      .body = body,
                      .headers = headers,
                      .peer = peer_},
                     exchange);
    executor_.RunWaiting();
    return exchange;
  }
  /// Calls a method of the coupon service.
  Exchange Ask(std::string_view method, std::string_view body) {
    return Send("POST", "/coupon.v1.CouponService/" + std::string(method), "application/json",
                body);
  }
  /// Does the same with a campaign, campaign 1 if none is given, and other fields.
  Exchange AskFor(std::string_view method, std::string_view more = "",
                  std::string_view campaign_id = "") {
    const std::string_view id = campaign_id.empty() ? id_ : campaign_id;
    return Ask(method, R"({"campaignId":")" + std::string(id) + '"' + std::string(more) + "}");
  }
  /// Issues a coupon of a campaign as an admin, and returns its code.
  std::string IssueAsAdmin(std::string_view campaign_id = "", std::string_view more = "") {
    const std::string before = std::exchange(key_, texts_.front());
    const auto issued =
        Read<coupon::v1::IssueCouponResponse>(AskFor("IssueCoupon", more, campaign_id));
    key_ = before;
    return issued.coupon().code();
  }
  /// Creates a second campaign as an admin, and returns its id.
  std::string CreateAsAdmin() {
    const std::string before = std::exchange(key_, texts_.front());
    const auto created = Read<coupon::v1::CreateCampaignResponse>(
        Ask("CreateCampaign", R"({"name":"second","startIn":"0s","totalCoupons":5})"));
    key_ = before;
    return created.campaign().id();
  }

  std::vector<access::Key> keys_;
  access::KeyRing ring_{{}};
  std::vector<std::string> texts_;  ///< of the roles' keys, in their order
  std::string key_;                 ///< sent with requests; empty: none is
  std::string origin_;              ///< the page that sends the requests; empty: a program does
  std::string forwarded_for_;       ///< X-Forwarded-For; empty: there is none
  http::PeerAddress peer_ = {};
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_KEYED_SERVICE_FIXTURE_H_

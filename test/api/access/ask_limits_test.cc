#include "api/access/ask_limits.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access/limit_check.h"
#include "api/keyed_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "rpc/http/client_address.h"
#include "rpc/http/ip_network.h"

// What the limits on asking let through and what they refuse.
namespace coupond::api {
namespace {

using access::Role;
using testing::Each;
using testing::HasSubstr;

/// A shop's back end at 198.51.100.1 with a redeemer's key, a proxy at 10.0.0.1, and pages with a
/// public key.
class AskLimitsTest : public KeyedServiceFixture {
 protected:
  static constexpr unsigned kCodes = 30;
  static constexpr unsigned kCalls = 5;

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(KeyedServiceFixture::SetUp());
    Limit({.public_calls = kCalls, .unknown_codes = kCodes, .proxies = {}});
  }
  void Limit(const AskLimitOptions& options) {
    limits_.emplace(options, entropy_);
    connect::CorsOptions cors{.origins = {*connect::AllowedOrigin::Parse(kShop)}};
    StartServiceWith({.watchers_max = 1,
                      .pages = std::make_shared<const connect::CorsPolicy>(std::move(cors)),
                      .keys = &ring_,
                      .limits = &*limits_});
  }
  void BehindProxies() {
    Limit({.public_calls = kCalls,
           .unknown_codes = kCodes,
           .proxies = {.networks = {*http::IpNetwork::Parse("10.0.0.0/8")}}});
  }
  void BehindASocket() {
    Limit({.public_calls = kCalls, .unknown_codes = kCodes, .proxies = {.sockets = true}});
  }

  /// Returns the code that the n-th coupon would have, if there were one.
  static std::string Code(std::uint64_t n) {
    return CouponCodec(CodeKey{}).Encode(Serial(1'000'000 + n));
  }
  int Status(const Exchange& exchange) {
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange->response().status;
  }
  static std::string Field(const Exchange& exchange, std::string_view name) {
    for (const auto& [field, value] : exchange->response().headers) {
      if (field == name) return value;
    }
    return {};
  }
  Exchange AskForCode(std::string_view method, const std::string& code) {
    return Ask(method, R"({"code":")" + code + R"(","redemptionSequence":"1"})");
  }
  int GetStatus(const std::string& code) { return Status(AskForCode("GetCoupon", code)); }
  void From(std::string_view peer, std::string forwarded_for = "") {
    peer_ = http::ParseIpAddress(peer).value();
    forwarded_for_ = std::move(forwarded_for);
  }
  void FromSocket(std::string forwarded_for = "") {
    peer_ = {.is_unix = true};
    forwarded_for_ = std::move(forwarded_for);
  }

  std::optional<AskLimits> limits_;
};

TEST_F(AskLimitsTest, AKeyMayAskForSoManyUnknownCodes) {
  const std::string known = IssueAsAdmin();
  As(Role::kRedeemer);
  for (unsigned i = 0; i < kCodes; ++i) EXPECT_EQ(GetStatus(Code(i)), 404) << i;
  const auto refused = AskForCode("GetCoupon", Code(99));
  EXPECT_EQ(Status(refused), 429);
  EXPECT_THAT(refused->response().body, HasSubstr("RATE_LIMITED"));
  EXPECT_THAT(refused->response().body, HasSubstr("at most 30 a minute"));
  EXPECT_THAT(refused->response().body, HasSubstr("google.rpc.RetryInfo"));
  EXPECT_NE(Field(refused, "Retry-After"), "");
  EXPECT_EQ(Field(refused, "RateLimit-Policy"), R"("codes-of-key";q=30;w=60)");
  EXPECT_THAT(Field(refused, "RateLimit"), testing::StartsWith(R"("codes-of-key";r=0;t=)"));
  EXPECT_EQ(limits_->refused().unknown_codes_of_key, 1U);

  // A code that exists is refused in the same way: nothing can be learnt any more.
  EXPECT_EQ(GetStatus(known), 429);
  // Another key is not slowed down.
  As(Add({.role = Role::kRedeemer}));
  EXPECT_EQ(GetStatus(known), 200);
}

TEST_F(AskLimitsTest, EachMethodThatTakesACodeCounts) {
  for (const std::string_view method :
       {"GetCoupon", "RedeemCoupon", "CancelRedemption", "VoidCoupon"}) {
    As(Add({.role = Role::kAdmin}));
    for (unsigned i = 0; i < kCodes; ++i) EXPECT_NE(Status(AskForCode(method, Code(i))), 429);
    EXPECT_EQ(Status(AskForCode(method, Code(0))), 429) << method;
    EXPECT_EQ(Status(Ask("ListCampaigns", "{}")), 200) << "nothing else is refused";
  }
}

// A method whose request has a code would let anybody try codes.
TEST_F(AskLimitsTest, NoMethodWithACodeIsForgotten) {
  const auto* const service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "coupon.v1.CouponService");
  ASSERT_NE(service, nullptr);
  int found = 0;
  for (int i = 0; i < service->method_count(); ++i) {
    const auto* const method = service->method(i);
    const bool has_code = method->input_type()->FindFieldByName("code") != nullptr;
    found += has_code;
    EXPECT_EQ(AsksForCode("/coupon.v1.CouponService/" + method->name()), has_code)
        << method->name();
  }
  EXPECT_EQ(found, 4);
}

TEST_F(AskLimitsTest, KnownCodesAreNotCounted) {
  const std::string known = IssueAsAdmin();
  As(Role::kRedeemer);
  for (unsigned i = 0; i < 3 * kCodes; ++i) EXPECT_EQ(GetStatus(known), 200);
  EXPECT_EQ(GetStatus(Code(1)), 404);
}

TEST_F(AskLimitsTest, AnswersTellWhenALimitIsNear) {
  const std::string known = IssueAsAdmin();
  As(Role::kRedeemer);
  for (unsigned i = 0; i + 3 < kCodes; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
  const auto answer = AskForCode("GetCoupon", known);
  EXPECT_EQ(Status(answer), 200);
  EXPECT_THAT(Field(answer, "RateLimit"), testing::StartsWith(R"("codes-of-key";r=3;t=)"));
}

TEST_F(AskLimitsTest, ACodeOfAnotherCampaignCountsAsUnknown) {
  const std::string other = CreateAsAdmin();
  const std::string code = IssueAsAdmin(other);
  As(Add({.role = Role::kRedeemer, .campaigns = {test::Id(1)}}));
  for (unsigned i = 0; i < kCodes; ++i) EXPECT_EQ(GetStatus(code), 404);
  EXPECT_EQ(GetStatus(code), 429);
}

TEST_F(AskLimitsTest, ABackEndIsNotHeldToTheLimitOfAVisitor) {
  As(Role::kRedeemer);
  From("198.51.100.1");
  for (unsigned i = 0; i < kUnknownCodesPerAddress + 5; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
}

TEST_F(AskLimitsTest, AVisitorBehindATrustedProxyHasALimitOfItsOwn) {
  BehindProxies();
  const std::string known = IssueAsAdmin();
  As(Role::kRedeemer);
  From("10.0.0.1", "192.0.2.7");
  for (unsigned i = 0; i < kUnknownCodesPerAddress; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
  EXPECT_EQ(GetStatus(Code(99)), 429);
  EXPECT_EQ(GetStatus(known), 429);
  EXPECT_EQ(limits_->refused().unknown_codes_of_address, 2U);
  From("10.0.0.1", "192.0.2.8");
  EXPECT_EQ(GetStatus(known), 200);
  From("10.0.0.1", "2001:db8:1:2::1");
  for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
}

TEST_F(AskLimitsTest, ANamedBackEndBehindAProxyIsNoVisitor) {
  BehindProxies();
  As(Role::kRedeemer);
  From("10.0.0.1", "10.0.0.7");
  for (unsigned i = 0; i < kUnknownCodesPerAddress + 5; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
}

TEST_F(AskLimitsTest, AnInventedForwardedAddressChangesNothing) {
  As(Role::kRedeemer);
  for (unsigned i = 0; i < kCodes; ++i) {
    From("198.51.100.1", "192.0.2." + std::to_string(i));
    EXPECT_EQ(GetStatus(Code(i)), 404);
  }
  From("198.51.100.1", "192.0.2.99");
  EXPECT_EQ(GetStatus(Code(1)), 429);
}

TEST_F(AskLimitsTest, PagesMayCallSoOftenFromEachAddress) {
  As(Role::kPublic);
  origin_ = kShop;
  From("198.51.100.1");
  for (unsigned i = 1; i < kCalls; ++i) {
    EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 200) << i;
  }
  const auto last = AskFor("GetCampaignStatus");
  EXPECT_EQ(Status(last), 200);
  EXPECT_THAT(Field(last, "RateLimit"), testing::StartsWith(R"("public";r=0;t=)"));
  EXPECT_THAT(Field(last, "RateLimit"), testing::Not(testing::EndsWith("t=0")));
  const auto refused = AskFor("IssueCoupon");
  EXPECT_EQ(Status(refused), 429);
  EXPECT_EQ(Field(refused, "RateLimit-Policy"), R"("public";q=5;w=60)");
  EXPECT_THAT(refused->response().body, HasSubstr("public key from this address"));
  EXPECT_EQ(limits_->refused().public_calls, 1U);
  From("198.51.100.2");
  EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 200);
  // Keys of programs are not slowed down.
  From("198.51.100.1");
  As(Role::kIssuer);
  origin_ = {};
  for (unsigned i = 0; i < 2 * kCalls; ++i) EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 200);
}

TEST_F(AskLimitsTest, AVisitorBehindATrustedSocketHasALimitOfItsOwn) {
  BehindASocket();
  const std::string known = IssueAsAdmin();
  As(Role::kRedeemer);
  FromSocket("203.0.113.5, 192.0.2.7");
  for (unsigned i = 0; i < kUnknownCodesPerAddress; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
  FromSocket("203.0.113.6, 192.0.2.7");
  EXPECT_EQ(GetStatus(known), 429);
  FromSocket("192.0.2.8");
  EXPECT_EQ(GetStatus(known), 200);
  // A back end that connects to the socket itself is held to its key's limit alone.
  As(Add({.role = Role::kRedeemer}));
  FromSocket();
  for (unsigned i = 0; i < kCodes; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
}

TEST_F(AskLimitsTest, WhomATrustedSocketHidesIsNoVisitor) {
  limits_.emplace(AskLimitOptions{.proxies = {.sockets = true}}, entropy_);
  StartServiceWith({.watchers_max = 1, .limits = &*limits_});  // without keys
  for (const char* hidden : {"192.0.2.7, unix:", "unknown"}) {
    FromSocket(hidden);
    for (unsigned i = 0; i < kUnknownCodesPerAddress + 5; ++i) {
      EXPECT_EQ(GetStatus(Code(i)), 404) << hidden;
    }
  }
}

TEST_F(AskLimitsTest, PagesBehindATrustedSocketMayCallSoOftenEach) {
  BehindASocket();
  As(Role::kPublic);
  origin_ = kShop;
  for (const char* visitor : {"192.0.2.7", "192.0.2.8"}) {
    FromSocket(visitor);
    for (unsigned i = 0; i < kCalls; ++i) {
      EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 200) << visitor;
    }
    EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 429) << visitor;
  }
}

TEST_F(AskLimitsTest, ASocketThatIsNotTrustedNamesNobody) {
  As(Role::kPublic);
  origin_ = kShop;
  for (unsigned i = 0; i < kCalls; ++i) {
    FromSocket("192.0.2." + std::to_string(i));
    EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 200) << i;
  }
  FromSocket("192.0.2.99");
  EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 429);
  As(Role::kRedeemer);
  origin_ = {};
  for (unsigned i = 0; i < kCodes; ++i) EXPECT_EQ(GetStatus(Code(i)), 404) << "no visitor's limit";
  EXPECT_EQ(GetStatus(Code(1)), 429);
}

TEST_F(AskLimitsTest, ZeroIsNoLimit) {
  Limit({.public_calls = 0, .unknown_codes = 0, .proxies = {}});
  As(Role::kRedeemer);
  for (unsigned i = 0; i < 700; ++i) EXPECT_EQ(GetStatus(Code(i)), 404);
  As(Role::kPublic);
  origin_ = kShop;
  for (unsigned i = 0; i < 700; ++i) EXPECT_EQ(Status(AskFor("GetCampaignStatus")), 200);
}

}  // namespace
}  // namespace coupond::api

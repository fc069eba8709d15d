// Every method for every role and every state of a key, in each of the ways in which it can be
// called.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/access/method_access.h"
#include "api/keyed_service_fixture.h"
#include "coupon/v1/admin_service.pb.h"
#include "grpc/health/v1/health.pb.h"

namespace coupond::api {
namespace {

using access::Role;

/// What each role may call, besides everything for an admin: as docs/API.md says, and apart from
/// the server's own table.
const std::map<Role, std::set<std::string_view>> kMay = {
    {Role::kOperator,
     {"CreateCampaign",    "GetCampaign",       "GetCampaignStatus", "IssueCoupon",
      "BatchIssueCoupons", "RedeemCoupon",      "CancelRedemption",  "VoidCoupon",
      "GetCoupon",         "UpdateCampaign",    "PauseCampaign",     "ResumeCampaign",
      "ArchiveCampaign",   "UnarchiveCampaign", "DeleteCampaign",    "ListCampaigns",
      "ListCoupons",       "SearchCoupons",     "ExportCoupons",     "WatchCampaign",
      "ReadEvents",        "AcceptClock",       "GetServerInfo"}},
    {Role::kIssuer, {"IssueCoupon", "GetCampaignStatus", "WatchCampaign"}},
    {Role::kRedeemer, {"GetCoupon", "RedeemCoupon", "CancelRedemption"}},
    {Role::kViewer,
     {"GetCampaign", "GetCampaignStatus", "WatchCampaign", "ListCampaigns", "ListCoupons",
      "SearchCoupons", "GetServerInfo"}},
    {Role::kPublic, {"GetCampaignStatus", "WatchCampaign", "IssueCoupon"}},
};
const std::set<std::string_view> kAboutAllCampaigns = {
    "CreateCampaign", "AcceptClock", "CreateBackup", "EraseUser", "GetServerInfo"};
const std::set<std::string_view> kStreams = {"WatchCampaign", "ExportCoupons", "ReadEvents"};
const std::set<std::string_view> kShort = {"CreateCampaign",    "GetCampaign",    "IssueCoupon",
                                           "GetCampaignStatus", "DeleteCampaign", "RedeemCoupon"};

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool MayCall(Role role, std::string_view name) {
  return role == Role::kAdmin || kMay.at(role).contains(name);
}

std::string Enveloped(std::string_view message) {
  std::string bytes(5, '\0');
  bytes[4] = static_cast<char>(message.size());
  return bytes.append(message);
}

/// Returns the code of an answer in any protocol, or "ok".
std::string OutcomeOf(const connect::FakeExchange& exchange) {
  const std::string& body = exchange.response().body;
  static constexpr std::string_view kJson = R"("code":")";
  if (const std::size_t at = body.find(kJson); at != std::string::npos) {
    const std::size_t begin = at + kJson.size();
    return body.substr(begin, body.find('"', begin) - begin);
  }
  static constexpr std::string_view kStatus = "grpc-status:";
  if (const std::size_t at = body.find(kStatus); at != std::string::npos) {
    const int number = std::stoi(body.substr(at + kStatus.size()));
    return number == 0 ? "ok" : std::string(connect::CodeName(static_cast<connect::Code>(number)));
  }
  return exchange.response().status == 200 ? "ok" : std::to_string(exchange.response().status);
}

enum class Way : std::uint8_t { kConnect, kConnectGet, kGrpcWeb, kShort, kPages };
constexpr Way kWays[] = {Way::kConnect, Way::kConnectGet, Way::kGrpcWeb, Way::kShort, Way::kPages};

const google::protobuf::MethodDescriptor* DescriptorOf(std::string_view path) {
  std::string name(path.substr(1));
  name.replace(name.find('/'), 1, ".");
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
}

/// Reports whether Connect lets clients call the method with GET.
bool AllowsGet(std::string_view path) {
  const auto* const method = DescriptorOf(path);
  return !method->server_streaming() &&
         method->options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

/// Returns the query of a GET with this message in JSON.
std::string QueryWith(std::string_view message) {
  std::string query = "connect=v1&encoding=json&message=";
  for (const char byte : message) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(byte);
    query += {'%', kDigits[value / 16], kDigits[value % 16]};
  }
  return query;
}

class AccessMatrixTest : public KeyedServiceFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(KeyedServiceFixture::SetUp());
    origin_ = kShop;  // so that a public key may be used
  }

  /// Calls the method in one of the ways. Returns what came of it each time: a page can be asked
  /// for in two forms. The body of a call is as given; a page has none, and is about campaign 1.
  std::vector<std::string> Outcomes(Way way, std::string_view path, std::string_view body) {
    const std::string_view name = NameOf(path);
    switch (way) {
      case Way::kConnect:
        if (kStreams.contains(name)) {
          return {Outcome("POST", path, "application/connect+json", Enveloped(body))};
        }
        return {Outcome("POST", path, "application/json", body)};
      case Way::kConnectGet:
        if (!AllowsGet(path)) return {};
        return {Outcome("GET", path, "", "", QueryWith(body))};
      case Way::kGrpcWeb:
        return {Outcome("POST", path, "application/grpc-web+json", Enveloped(body))};
      case Way::kShort:
        if (!kShort.contains(name)) return {};
        return {Outcome("POST", "/" + std::string(name), "application/json", body)};
      case Way::kPages:
        if (name == "ReadEvents") return {Outcome("GET", "/events", "", "", "campaign_id=" + id_)};
        if (name != "ExportCoupons") return {};
        return {Outcome("GET", "/campaigns/" + id_ + "/coupons.csv", "", ""),
                Outcome("GET", "/campaigns/" + id_ + "/coupons.jsonl", "", "")};
    }
    return {};
  }

  std::string Outcome(std::string_view method, std::string_view path, std::string_view type,
                      std::string_view body, std::string_view query = "") {
    last_ = Send(method, path, type, body, query);
    EXPECT_TRUE(executor_.RunUntil([&] { return last_->answered(); }));
    return OutcomeOf(*last_);
  }

  /// Expects that every way to a method ends like this.
  void ExpectAll(const MethodAccess& method, std::string_view body, std::string_view outcome) {
    for (const Way way : kWays) {
      for (const std::string& got : Outcomes(way, method.path, body)) {
        EXPECT_EQ(got, outcome) << method.path << ", way " << static_cast<int>(way) << ", key "
                                << key_.substr(0, 12);
        // Streams and gRPC-Web have errors of their own, under the status of a success.
        const bool in_band = way == Way::kGrpcWeb ||
                             (way == Way::kConnect && kStreams.contains(NameOf(method.path)));
        if (in_band || outcome != "unauthenticated") continue;
        EXPECT_EQ(last_->response().status, 401) << method.path;
        EXPECT_EQ(last_->Header("WWW-Authenticate"), "Bearer") << method.path;
      }
    }
  }

  Exchange last_;
};

/// Cannot be decoded, so what is answered otherwise was answered before it was.
constexpr std::string_view kGarbage = "{]";

TEST(AccessTableTest, EveryMethodHasARowAndEveryRowAMethod) {
  std::set<std::string> methods;
  for (const google::protobuf::FileDescriptor* const file :
       {coupon::v1::GetCouponRequest::descriptor()->file(),
        coupon::v1::ReadEventsRequest::descriptor()->file(),
        grpc::health::v1::HealthCheckRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) {
        if (service.method(j)->name() == "Watch") continue;  // of Health: not served
        methods.insert("/" + service.full_name() + "/" + service.method(j)->name());
      }
    }
  }
  std::set<std::string> rows;
  for (const MethodAccess& row : AllMethodAccess()) {
    EXPECT_TRUE(rows.emplace(row.path).second) << row.path;
  }
  EXPECT_EQ(rows, methods);
}

TEST(AccessTableTest, AMethodAboutACampaignNamesIt) {
  for (const MethodAccess& row : AllMethodAccess()) {
    if (row.scope != CampaignScope::kNamed) continue;
    const auto* const method = DescriptorOf(row.path);
    ASSERT_NE(method, nullptr) << row.path;
    const auto& request = *method->input_type();
    const bool names_it = request.FindFieldByName("campaign_id") != nullptr ||
                          request.full_name() == "coupon.v1.UpdateCampaignRequest";
    EXPECT_TRUE(names_it) << row.path << ": a limited key would not be limited";
  }
}

TEST_F(AccessMatrixTest, WithoutAValidKeyNothingIsDone) {
  const access::Key expired{.role = Role::kAdmin, .expires = test::At(-1)};
  const access::Key revoked{.role = Role::kAdmin, .revoked = test::At(1'000)};
  std::string wrong = texts_.front();
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  std::string of_nobody = texts_.front();
  of_nobody.replace(sizeof("ck_admin_") - 1, access::kKeyIdCharacters, "aaaaaaaa");
  const std::vector<std::string> keys = {
      "",
      "nonsense",
      wrong,
      of_nobody,
      Add(expired),
      Add(revoked),
      "ck_viewer" + texts_.front().substr(sizeof("ck_admin") - 1)};
  for (const std::string& key : keys) {
    As(key);
    for (const MethodAccess& method : AllMethodAccess()) {
      if (!method.needs_key()) continue;
      ExpectAll(method, kGarbage, "unauthenticated");
    }
  }
}

TEST_F(AccessMatrixTest, ARoleMayCallWhatTheTableSays) {
  for (const Role role : access::kRoles) {
    As(role);
    for (const MethodAccess& method : AllMethodAccess()) {
      if (!method.needs_key()) continue;
      const bool may = MayCall(role, NameOf(method.path));
      for (const Way way : kWays) {
        const bool is_page = way == Way::kPages;
        for (const std::string& got : Outcomes(way, method.path, kGarbage)) {
          EXPECT_EQ(got, !may      ? "permission_denied"
                         : is_page ? "ok"
                                   : "invalid_argument")
              << access::RoleName(role) << " " << method.path << " way " << static_cast<int>(way);
        }
      }
    }
  }
}

TEST_F(AccessMatrixTest, AKeyForAnotherCampaignIsOfNoUse) {
  for (const Role role : access::kRoles) {
    As(Add({.role = role, .campaigns = {test::Id(9)}}));
    for (const MethodAccess& method : AllMethodAccess()) {
      const std::string_view name = NameOf(method.path);
      if (!method.needs_key() || !MayCall(role, name)) continue;
      const std::string body = name == "UpdateCampaign" ? R"({"campaign":{"id":")" + id_ + R"("}})"
                                                        : R"({"campaignId":")" + id_ + R"("})";
      if (name == "ListCampaigns") {
        ExpectAll(method, "{}", "ok");
      } else {
        ExpectAll(method, kAboutAllCampaigns.contains(name) ? kGarbage : body, "permission_denied");
      }
    }
  }
}

TEST_F(AccessMatrixTest, HealthAndStatusPagesNeedNoKey) {
  key_ = "";
  EXPECT_EQ(Outcome("POST", "/grpc.health.v1.Health/Check", "application/json", "{}"), "ok");
  for (const std::string_view page : {"/", "/health", "/healthz", "/readyz"}) {
    EXPECT_EQ(Outcome("GET", page, "", ""), "ok") << page;
  }
  EXPECT_EQ(Outcome("OPTIONS", "*", "", ""), "204");
  EXPECT_EQ(Send("GET", "/nothing", "", "")->response().status, 404);
}

}  // namespace
}  // namespace coupond::api

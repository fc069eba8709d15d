// A complete IssueCoupon call without sockets and engine: from the bytes of the request to the
// method, and from its response to the bytes of the answer, in each form of the protocols.

#include <benchmark/benchmark.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/router.h"

namespace coupond::bench {
namespace {

using coupon::v1::IssueCouponRequest;
using coupon::v1::IssueCouponResponse;

constexpr std::string_view kCampaignId = "123e4567-e89b-42d3-a456-426614174000";
constexpr const char* kPath = "/coupon.v1.CouponService/IssueCoupon";

/// An executor without timers, which these calls do not use.
class NoExecutor final : public http::Executor {
 public:
  void Post(std::move_only_function<void()> /*task*/) override {}
  std::unique_ptr<http::Timer> StartTimer(std::chrono::milliseconds /*delay*/,
                                          std::move_only_function<void()> /*task*/) override {
    return nullptr;
  }
};

/// Keeps the last answer.
class KeptAnswer final : public http::Exchange {
 public:
  explicit KeptAnswer(http::Response& response) : response_(response) {}
  void Respond(http::Response response) override { response_ = std::move(response); }
  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> /*pieces*/) override {
    response_ = std::move(head);
  }

 private:
  http::Response& response_;
};

struct Form {
  const char* content_type;
  std::string body;
  std::vector<http::HeaderField> more_headers = {};
};

std::string Enveloped(const std::string& message) {
  std::string body;
  connect::AppendEnvelope(0, message, body);
  return body;
}

void Issue(benchmark::State& state, const Form& form) {
  NoExecutor executor;
  connect::Router router(executor, {.compress_bytes_min = 0});
  IssueCouponResponse response;
  response.set_success(true);
  response.mutable_coupon()->set_code("가7나1다2라3마4");
  response.mutable_coupon()->set_campaign_id(std::string(kCampaignId));
  response.mutable_coupon()->mutable_issued_at()->set_seconds(1'800'000'000);
  response.set_sequence(1'000'000'000);
  std::size_t understood = 0;
  router.AddUnary<IssueCouponRequest, IssueCouponResponse>(
      kPath, [&](const IssueCouponRequest& request, std::unique_ptr<connect::UnaryCall> call) {
        understood += request.campaign_id() == kCampaignId ? 1 : 0;
        call->Finish(response);
      });
  std::vector<http::HeaderField> headers = {
      {"Host", "127.0.0.1:8080"}, {"Content-Type", form.content_type}, {"Content-Length", "60"}};
  headers.insert(headers.end(), form.more_headers.begin(), form.more_headers.end());
  http::Request request;
  request.method = "POST";
  request.path = kPath;
  request.body = form.body;
  request.headers = headers;
  http::Response answer;
  for (auto _ : state) router.Handle(request, std::make_shared<KeptAnswer>(answer));
  if (understood != static_cast<std::size_t>(state.iterations()) || answer.status != 200 ||
      answer.body.size() < 40) {
    state.SkipWithError("the call was answered wrongly");
  }
  state.SetItemsProcessed(state.iterations());
}

IssueCouponRequest Request() {
  IssueCouponRequest request;
  request.set_campaign_id(std::string(kCampaignId));
  return request;
}
std::string JsonRequest() { return R"({"campaignId":")" + std::string(kCampaignId) + R"("})"; }

void CallJson(benchmark::State& state) { Issue(state, {"application/json", JsonRequest()}); }
BENCHMARK(CallJson);

void CallProto(benchmark::State& state) {
  Issue(state, {"application/proto", Request().SerializeAsString()});
}
BENCHMARK(CallProto);

void CallGrpcWeb(benchmark::State& state) {
  Issue(state, {"application/grpc-web+proto", Enveloped(Request().SerializeAsString())});
}
BENCHMARK(CallGrpcWeb);

void CallJsonGzip(benchmark::State& state) {
  Issue(state, {"application/json",
                connect::Gzip(JsonRequest()),
                {{"Content-Encoding", "gzip"}, {"Accept-Encoding", "gzip"}}});
}
BENCHMARK(CallJsonGzip);

}  // namespace
}  // namespace coupond::bench

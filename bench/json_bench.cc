// JSON of IssueCoupon: reading the request, and writing the response.

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/json/json_format.h"
#include "rpc/json/json_reader.h"
#include "rpc/json/json_writer.h"

namespace coupond::bench {
namespace {

constexpr std::string_view kCampaignId = "123e4567-e89b-42d3-a456-426614174000";

void ReadIssueRequest(benchmark::State& state) {
  const connect::JsonFormat format(coupon::v1::IssueCouponRequest::descriptor());
  const std::string json = "{\"campaignId\":\"" + std::string(kCampaignId) + "\"}";
  coupon::v1::IssueCouponRequest request;
  for (auto _ : state) {
    if (!connect::ReadJson(format, json, request)) {
      state.SkipWithError("the request cannot be read");
      break;
    }
  }
  if (request.campaign_id() != kCampaignId) state.SkipWithError("the request was read wrongly");
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK(ReadIssueRequest);

void WriteIssueResponse(benchmark::State& state) {
  const connect::JsonFormat format(coupon::v1::IssueCouponResponse::descriptor());
  coupon::v1::IssueCouponResponse response;
  response.set_success(true);
  response.mutable_coupon()->set_code("가7나1다2라3마4");
  response.mutable_coupon()->set_campaign_id(std::string(kCampaignId));
  response.mutable_coupon()->mutable_issued_at()->set_seconds(1'800'000'000);
  response.mutable_coupon()->mutable_issued_at()->set_nanos(123'456'789);
  response.set_sequence(1'000'000'000);
  std::string json;
  for (auto _ : state) {
    json.clear();
    if (!connect::WriteJson(format, response, json)) {
      state.SkipWithError("the response cannot be written");
      break;
    }
  }
  coupon::v1::IssueCouponResponse read_back;
  if (!connect::ReadJson(format, json, read_back) ||
      read_back.SerializeAsString() != response.SerializeAsString()) {
    state.SkipWithError("the response was written wrongly");
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK(WriteIssueResponse);

}  // namespace
}  // namespace coupond::bench

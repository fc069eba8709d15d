#ifndef COUPOND_TEST_API_BATCHES_BATCH_FIXTURE_H_
#define COUPOND_TEST_API_BATCHES_BATCH_FIXTURE_H_

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::api {

/// JsonServiceFixture's service, asked for many coupons at once: of campaign 1, which has ten, if
/// no other is named.
class BatchFixture : public JsonServiceFixture {
 protected:
  using Answer = coupon::v1::BatchIssueCouponsResponse;

  /// Returns the fields of a request for these users.
  static std::string Users(const std::vector<std::string>& user_ids, std::string_view more = "") {
    std::string fields = R"(,"userIds":[)";
    for (const std::string& user_id : user_ids) {
      if (fields.back() != '[') fields += ',';
      fields += '"' + user_id + '"';
    }
    return fields + "]" + std::string(more);
  }

  Exchange SendBatch(const std::string& fields, std::string_view campaign_id = "") {
    return SendFor("BatchIssueCoupons", fields, campaign_id);
  }
  Answer Batch(const std::string& fields, std::string_view campaign_id = "") {
    const Exchange exchange = SendBatch(fields, campaign_id);
    Answer answer;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(WholeBodyOf(exchange), &answer).ok());
    return answer;
  }
  /// Returns the whole body of a success, also if it comes in pieces.
  std::string WholeBodyOf(const Exchange& exchange) {
    std::string body = BodyOf(exchange);
    using Progress = http::BodySource::Progress;
    auto* const pieces = exchange->pieces();
    for (Progress last = pieces ? Progress::kMore : Progress::kEnd; last == Progress::kMore;) {
      bool delivered = false;
      pieces->Next([&](Progress progress, const std::string& piece) {
        delivered = true;
        last = progress;
        body += piece;
      });
      EXPECT_TRUE(executor_.RunUntil([&] { return delivered; }));
      EXPECT_NE(last, Progress::kFailed);
    }
    return body;
  }
  /// Expects a refusal of the batch as a whole, with this HTTP status, and returns what it says.
  connect::ReadDetails Refused(const std::string& fields, int status = 400,
                               std::string_view campaign_id = "") {
    return DetailsOf(SendBatch(fields, campaign_id), status);
  }

  /// Creates a campaign that is open, and returns its id.
  std::string Create(std::string_view name, int total, std::string_view more = "") {
    return Read<coupon::v1::CreateCampaignResponse>(
               SendJson("CreateCampaign", R"({"name":")" + std::string(name) +
                                              R"(","startIn":"0s","totalCoupons":)" +
                                              std::to_string(total) + std::string(more) + "}"))
        .campaign()
        .id();
  }
  std::int32_t IssuedCoupons() { return GetCampaign().campaign().issued_coupons(); }
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_BATCHES_BATCH_FIXTURE_H_

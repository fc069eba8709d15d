#include "system/program/many_issues.h"

#include <gtest/gtest.h>

#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/http_client.h"

namespace coupond::test {

void IssueMany(std::uint16_t port, const std::string& campaign, int count) {
  constexpr int kPipelined = 8;
  constexpr int kConnections = kIssuesAtOnce / kPipelined;
  api::IssueCouponRequest message;
  message.set_campaign_id(campaign);
  const std::string request =
      PostRequest(PathOf(Form::kConnectProto, "IssueCoupon"), ContentTypeOf(Form::kConnectProto),
                  message.SerializeAsString());
  std::string pipeline;
  for (int i = 0; i < kPipelined; ++i) pipeline += request;
  std::vector<HttpClient> connections;
  for (int i = 0; i < kConnections; ++i) connections.emplace_back(port);
  for (int done = 0; done < count; done += kIssuesAtOnce) {
    for (HttpClient& connection : connections) ASSERT_TRUE(connection.Send(pipeline));
    for (HttpClient& connection : connections) {
      for (int i = 0; i < kPipelined; ++i) {
        const auto reply = connection.Receive();
        ASSERT_TRUE(reply && reply->status == 200) << (reply ? reply->body : "no answer");
      }
    }
  }
}

}  // namespace coupond::test

#include "rpc/connect/answer.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace coupond::connect {
namespace {

http::Response Answer(const std::vector<http::HeaderField>& headers) {
  return UnroutedResponse(
      {.method = "POST", .path = "/", .query = {}, .body = {}, .headers = headers}, 415,
      {.code = Code::kUnknown, .message = "no \"x\"", .headers = {{"Accept-Post", "y"}}});
}

TEST(Unrouted, ConnectAndUnknownClientsGetJson) {
  for (const std::vector<http::HeaderField>& headers : std::vector<std::vector<http::HeaderField>>{
           {},
           {{"Content-Type", "application/json"}},
           {{"Content-Type", "application/proto"}},
           {{"content-type", "application/connect+json"}}}) {
    const http::Response response = Answer(headers);
    EXPECT_EQ(response.status, 415);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.body, R"({"code":"unknown","message":"no \"x\""})");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second, "y");
  }
}

TEST(Unrouted, OtherClientsGetPlainText) {
  for (const std::string_view type : {"application/grpc-web", "application/grpc-web+json",
                                      "application/grpc-web+foo", "image/jpeg", ""}) {
    const http::Response response = Answer({{"Content-Type", type}});
    EXPECT_EQ(response.status, 415) << type;
    EXPECT_EQ(response.content_type, "text/plain") << type;
    EXPECT_EQ(response.body, "no \"x\"");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second, "y");
  }
}

}  // namespace
}  // namespace coupond::connect

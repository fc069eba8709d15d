// A request whose body is over HTTP's limit never reaches its method, but is answered in its own
// protocol.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "every_kind.pb.h"
#include "rpc/connect/router.h"
#include "support/manual_executor.h"

namespace coupond::connect {
namespace {

using connecttest::Item;

constexpr std::string_view kMethod = "/test.Service/Echo";
constexpr std::string_view kStream = "/test.Service/Watch";
constexpr std::string_view kPlain = "/Echo";

class LargeBodyTest : public testing::Test {
 protected:
  LargeBodyTest() {
    const auto never = [](const Item&, const auto&) { FAIL() << "the method was reached"; };
    router_.AddUnary<Item, Item>(std::string(kMethod), never);
    router_.AddPlainJson<Item, Item>(std::string(kPlain), never);
    router_.AddServerStream<Item, Item>(std::string(kStream), never);
    router_.AddGet("/healthz",
                   [](const http::Request&, const std::shared_ptr<http::Exchange>&) { FAIL(); });
  }

  http::Response Told(std::string_view path, std::string_view type,
                      std::string_view method = "POST") {
    const std::vector<http::HeaderField> headers = {{"Content-Type", type}};
    http::Request request;
    request.method = method;
    request.path = path;
    request.headers = headers;
    return router_.BodyTooLarge(
        request,
        {.status = 413, .content_type = "application/json", .headers = {}, .body = "plain"},
        "more than 9 bytes");
  }

  test::ManualExecutor executor_;
  Router router_{executor_};
};

TEST_F(LargeBodyTest, IsReportedInTrailersOverGrpcWeb) {
  const std::string trailers = "grpc-status: 8\r\ngrpc-message: more than 9 bytes\r\n";
  for (const std::string_view path : {kMethod, kStream}) {
    const http::Response web = Told(path, "application/grpc-web+proto");
    EXPECT_EQ(web.status, 200);
    EXPECT_EQ(web.content_type, "application/grpc-web+proto");
    EXPECT_EQ(web.body, std::string("\x80\0\0\0", 4)
                            .append(1, static_cast<char>(trailers.size()))
                            .append(trailers));
  }
}

TEST_F(LargeBodyTest, IsReportedAtTheEndOfAStream) {
  const http::Response stream = Told(kStream, "application/connect+json");
  EXPECT_EQ(stream.status, 200);
  EXPECT_EQ(stream.content_type, "application/connect+json");
  EXPECT_EQ(stream.body.front(), '\x02');
  EXPECT_EQ(stream.body.substr(5),
            R"({"error":{"code":"resource_exhausted","message":"more than 9 bytes"}})");
}

TEST_F(LargeBodyTest, IsReportedByHttpOtherwise) {
  for (const auto& [path, type] : std::vector<std::pair<std::string_view, std::string_view>>{
           {kMethod, "application/json"},
           {kMethod, "application/connect+json"},
           {kMethod, "text/plain"},
           {kPlain, "application/json"},
           {kPlain, "application/grpc-web"},
           {kStream, "application/json"},
           {"/healthz", "application/grpc-web"},
           {"/nowhere", "application/grpc-web"}}) {
    const http::Response plain = Told(path, type);
    EXPECT_EQ(plain.status, 413) << path << " " << type;
    EXPECT_EQ(plain.body, "plain");
  }
  EXPECT_EQ(Told(kMethod, "application/grpc-web", "PUT").status, 413);
}

}  // namespace
}  // namespace coupond::connect

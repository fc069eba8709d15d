// A request whose body is over HTTP's limit never reaches its method, but is answered in its own
// protocol.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "every_kind.pb.h"
#include "fake_exchange.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/method.h"
#include "rpc/connect/router.h"
#include "support/manual_executor.h"

namespace coupond::connect {
namespace {

using connecttest::Item;
using testing::HasSubstr;

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

constexpr std::size_t kUsualBody = 72 * 1024;
constexpr std::size_t kUsualMessage = MethodLimits{}.message_bytes_max;
constexpr std::size_t kLargeMessage = 2 * 1024 * 1024;
constexpr std::size_t kValuesMax = 1'000;

/// A method whose messages may be large, beside one whose messages may not.
class LargeMethodTest : public testing::Test {
 protected:
  LargeMethodTest() {
    const auto echo = [](const Item& item, std::unique_ptr<UnaryCall> call) { call->Finish(item); };
    router_.AddUnary<Item, Item>(
        "/test.Service/Large", echo,
        LargeMessages{.bytes_max = kLargeMessage, .values_max = kValuesMax});
    router_.AddUnary<Item, Item>("/test.Service/Usual", echo);
    router_.AddGet("/healthz", [](const http::Request&, const std::shared_ptr<http::Exchange>&) {});
  }

  std::size_t BodyBytesMax(std::string_view path, std::string_view method = "POST") {
    http::Request head;
    head.method = method;
    head.path = path;
    return router_.BodyBytesMax(head, kUsualBody);
  }
  /// Returns the body of the answer to a message.
  std::string Post(std::string_view path, std::string_view body,
                   const std::vector<http::HeaderField>& headers) {
    const auto exchange = std::make_shared<FakeExchange>();
    router_.Handle({.method = "POST", .path = path, .query = {}, .body = body, .headers = headers},
                   exchange);
    return exchange->WholeBody().value_or("no answer");
  }
  /// Returns a message of this size.
  static std::string Message(std::size_t bytes) {
    constexpr std::string_view kItem = R"({"code":"x"})";
    return std::string(kItem) + std::string(bytes - kItem.size(), ' ');
  }
  static std::string InEnvelope(std::uint8_t flags, std::string_view message) {
    std::string body;
    AppendEnvelope(flags, message, body);
    return body;
  }

  test::ManualExecutor executor_;
  Router router_{executor_};
};

TEST_F(LargeMethodTest, HasALargerBodyThanOthers) {
  EXPECT_EQ(BodyBytesMax("/test.Service/Large"), kLargeMessage + (kUsualBody - kUsualMessage));
  EXPECT_EQ(BodyBytesMax("/test.Service/Large", "GET"), kUsualBody);
  EXPECT_EQ(BodyBytesMax("/test.Service/Usual"), kUsualBody);
  EXPECT_EQ(BodyBytesMax("/healthz"), kUsualBody);
  EXPECT_EQ(BodyBytesMax("/nowhere"), kUsualBody);
}

TEST_F(LargeMethodTest, TakesAMessageUpToItsLimitInEachForm) {
  const std::vector<http::HeaderField> json = {{"Content-Type", "application/json"}};
  const std::vector<http::HeaderField> gzip = {{"Content-Type", "application/json"},
                                               {"Content-Encoding", "gzip"},
                                               {"Accept-Encoding", "identity"}};
  const std::vector<http::HeaderField> web = {{"Content-Type", "application/grpc-web+json"}};
  const std::vector<http::HeaderField> web_gzip = {{"Content-Type", "application/grpc-web+json"},
                                                   {"Grpc-Encoding", "gzip"},
                                                   {"Grpc-Accept-Encoding", "identity"}};
  const struct {
    std::string_view path;
    std::size_t bytes_max;
  } methods[] = {{"/test.Service/Large", kLargeMessage}, {"/test.Service/Usual", kUsualMessage}};
  for (const auto& method : methods) {
    const std::string whole = Message(method.bytes_max);
    const std::string over = Message(method.bytes_max + 1);
    const std::string refused = "the message is larger than the limit of " +
                                std::to_string(method.bytes_max) + " bytes, uncompressed";
    EXPECT_EQ(Post(method.path, whole, json), R"({"code":"x"})");
    EXPECT_THAT(Post(method.path, over, json), HasSubstr(refused));
    EXPECT_EQ(Post(method.path, Gzip(whole), gzip), R"({"code":"x"})");
    EXPECT_THAT(Post(method.path, Gzip(over), gzip), HasSubstr(refused));
    EXPECT_THAT(Post(method.path, InEnvelope(0, whole), web), HasSubstr(R"({"code":"x"})"));
    EXPECT_THAT(Post(method.path, InEnvelope(0, over), web), HasSubstr(refused));
    EXPECT_THAT(Post(method.path, InEnvelope(kCompressedFlag, Gzip(whole)), web_gzip),
                HasSubstr(R"({"code":"x"})"));
    EXPECT_THAT(Post(method.path, InEnvelope(kCompressedFlag, Gzip(over)), web_gzip),
                HasSubstr(refused));
  }
}

TEST_F(LargeMethodTest, AMessageOfManyShortValuesIsNotRead) {
  const std::vector<http::HeaderField> json = {{"Content-Type", "application/json"},
                                               {"Content-Encoding", "gzip"},
                                               {"Accept-Encoding", "identity"}};
  const std::vector<http::HeaderField> proto = {{"Content-Type", "application/proto"},
                                                {"Content-Encoding", "gzip"},
                                                {"Accept-Encoding", "identity"}};
  const std::string refused = "the message has more than 1000 values";
  const auto list = [](std::size_t elements) {
    std::string text = R"({"code":"x","list":[)";
    for (std::size_t i = 0; i < elements; ++i) text += i == 0 ? "\"\"" : ",\"\"";
    return text + "]}";
  };
  // Beside the elements there are the object, two keys, a text and the list.
  const std::size_t elements_max = kValuesMax - 5;
  EXPECT_EQ(Post("/test.Service/Large", Gzip(list(elements_max)), json), R"({"code":"x"})");
  EXPECT_THAT(Post("/test.Service/Large", Gzip(list(690'000)), json), HasSubstr(refused));
  const auto codes = [](std::size_t fields) {
    std::string message;
    for (std::size_t i = 0; i < fields; ++i) message.append("\x0a\x00", 2);
    return message;
  };
  EXPECT_EQ(Post("/test.Service/Large", Gzip(codes(kValuesMax)), proto), "");
  EXPECT_THAT(Post("/test.Service/Large", Gzip(codes(1'000'000)), proto), HasSubstr(refused));
  EXPECT_EQ(
      Post("/test.Service/Usual", codes(kValuesMax + 1), {{"Content-Type", "application/proto"}}),
      "");
}

}  // namespace
}  // namespace coupond::connect

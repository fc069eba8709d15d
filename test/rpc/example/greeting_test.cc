// The example server of src/rpc/README.md: it runs, and the README shows exactly this code.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "greeting_server.h"
#include "rpc/client/connect_client.h"

namespace greeting {
namespace {

std::string ContentOf(const char* path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RpcExample, AnswersAndRefuses) {
  http::Server server = MakeServer(0);
  ASSERT_TRUE(server.Start());
  coupond::rpc_client::ConnectClient client(
      {.host = "127.0.0.1", .port = std::to_string(server.port())}, std::chrono::seconds(60));
  const std::string path = "/greeting.v1.GreetingService/Greet";
  GreetRequest request;
  GreetResponse response;
  const auto refused = client.Call(path, request, response);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, coupond::connect::Code::kInvalidArgument);
  EXPECT_EQ(refused.error().message, "name is empty");

  request.set_name("Ada");
  const auto done = client.Call(path, request, response);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(response.text(), "Hello, Ada!");
}

TEST(RpcExample, IsTheCodeInTheReadme) {
  const std::string example = ContentOf(COUPOND_RPC_EXAMPLE);
  EXPECT_NE(ContentOf(COUPOND_RPC_README).find("```cpp\n" + example + "```\n"), std::string::npos)
      << "copy " << COUPOND_RPC_EXAMPLE << " into the README's code block";
}

}  // namespace
}  // namespace greeting

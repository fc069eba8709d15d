#ifndef COUPOND_TEST_TOOLS_COUPONCTL_ONE_ANSWER_FIXTURE_H_
#define COUPOND_TEST_TOOLS_COUPONCTL_ONE_ANSWER_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "couponctl/commands/outcome.h"
#include "rpc/client/connect_client.h"
#include "support/fake_server.h"

namespace coupond::ctl {

/// Runs commands against a server that answers all of them with the same.
class OneAnswerFixture : public testing::Test {
 protected:
  CommandContext Against(test::FakeAnswer answer, bool json = false) {
    server_ = std::make_unique<test::FakeServer>(
        [this, answer = std::move(answer)](std::string_view method, std::string_view body) {
          method_ = method;
          body_ = body;
          return answer;
        });
    client_ =
        std::make_unique<rpc_client::ConnectClient>(server_->address(), std::chrono::seconds(60));
    return {.client = *client_, .json = json, .out = out_, .err = err_, .done = &done_};
  }
  CommandContext Against(const google::protobuf::Message& answer, bool json = false) {
    return Against(test::FakeAnswer{.body = answer.SerializeAsString()}, json);
  }
  static test::FakeAnswer Refuse(int status, const std::string& code) {
    return {.status = status,
            .content_type = "application/json",
            .body = R"({"code":")" + code + R"(","message":"because"})"};
  }
  /// Returns the method that was called.
  std::string Method() {
    server_.reset();
    return method_;
  }
  /// Returns the request that the server received.
  template <typename Request>
  Request Received() {
    server_.reset();
    Request request;
    EXPECT_TRUE(request.ParseFromString(body_));
    return request;
  }

  std::string method_;
  std::string body_;
  std::unique_ptr<test::FakeServer> server_;
  std::unique_ptr<rpc_client::ConnectClient> client_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::string done_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TEST_TOOLS_COUPONCTL_ONE_ANSWER_FIXTURE_H_

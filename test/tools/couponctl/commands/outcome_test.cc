#include "couponctl/commands/outcome.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

namespace coupond::ctl {
namespace {

using connect::Code;
using rpc_client::CallError;
using rpc_client::Failure;

TEST(Outcome, NamesTheOptionThatMendsAnError) {
  const struct {
    CallError error;
    std::string message;
  } cases[] = {
      {{.failure = Failure::kTimedOut, .message = "late"}, "late; --timeout DURATION waits longer"},
      {{.failure = Failure::kUnreadable, .message = "bad"}, "bad; check --server"},
      {{.failure = Failure::kForeign, .message = "page", .http_status = 404},
       "page; check --server"},
      {{.failure = Failure::kForeign, .message = "page", .http_status = 502},
       "page; check --server, and whether a proxy in between reaches coupond"},
      {{.failure = Failure::kConnectionRefused, .message = "refused"},
       "refused; is coupond running there? script/server or `systemctl start coupond` starts it"},
      {{.failure = Failure::kNoAnswer, .message = "cut off"}, "cut off"},
      {{.code = Code::kNotFound, .message = "unknown"}, "unknown"},
      {{.code = Code::kUnimplemented, .message = "there is nothing at /a"},
       "there is nothing at /a; check --server: with --ops-listen, coupond has AdminService at that "
       "address, and everything else at the one of --listen"},
  };
  for (const auto& test : cases) EXPECT_EQ(MessageOf(test.error), test.message);
}

TEST(Outcome, DescribesAnErrorByCodeAndMessage) {
  EXPECT_EQ(Describe({.code = Code::kNotFound, .message = "unknown"}), "not_found: unknown");
  EXPECT_EQ(Describe({.code = Code::kNotFound}), "not_found");
  EXPECT_EQ(Describe({.failure = Failure::kNoAnswer, .message = "cut off"}), "cut off");
}

TEST(Outcome, GivesTheNextStepThatFitsTheError) {
  rpc_client::ConnectClient client({.host = "127.0.0.1", .port = "1"}, std::chrono::seconds(1));
  const auto report = [&client](const CallError& error) {
    std::ostringstream out;
    std::ostringstream err;
    (void)ReportError({.client = client, .out = out, .err = err}, error,
                      {.if_open = "look", .if_not_found = "search"});
    return err.str();
  };
  EXPECT_EQ(report({.code = Code::kUnavailable, .message = "busy", .may_be_done = true}),
            "couponctl: unavailable: busy; look\n");
  EXPECT_EQ(report({.code = Code::kUnavailable,
                    .message = "not done: too many commands are waiting; retry",
                    .may_be_done = true}),
            "couponctl: unavailable: not done: too many commands are waiting; retry\n");
  EXPECT_EQ(report({.code = Code::kNotFound, .message = "unknown"}),
            "couponctl: not_found: unknown; search\n");
  EXPECT_EQ(report({.code = Code::kInvalidArgument, .message = "bad\x1b"}),
            "couponctl: invalid_argument: bad?\n");
}

}  // namespace
}  // namespace coupond::ctl

#include "rpc/connect/interceptor.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "every_kind.pb.h"
#include "fake_exchange.h"
#include "rpc/connect/router.h"
#include "support/manual_executor.h"

namespace coupond::connect {
namespace {

using connecttest::Item;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ElementsAre;

constexpr std::string_view kEcho = "/test.Service/Echo";
constexpr std::string_view kWatchPath = "/test.Service/Watch";
constexpr std::string_view kLookPath = "/connecttest.Probe/Look";
constexpr http::PeerAddress kPeer{
    .family = http::PeerAddress::Family::kIpV4, .bytes = {10, 0, 0, 7}, .port = 4711};

struct NamedPrincipal final : Principal {
  explicit NamedPrincipal(std::string its_name) : name(std::move(its_name)) {}
  std::string name;
};

/// Records what it sees, and refuses calls if the test says so.
class Witness final : public Interceptor {
 public:
  Witness(std::string name, std::vector<std::string>& notes)
      : name_(std::move(name)), notes_(notes) {}

  std::expected<void, Error> OnStart(CallContext& context, const http::Request& request) override {
    notes_.push_back(name_ + " start");
    if (const auto name = request.Header("Authorization")) {
      context.principal = std::make_shared<const NamedPrincipal>(std::string(*name));
    }
    context.trace_id = "trace-1";
    if (refuses) return MakeError(Code::kUnauthenticated, "who are you?");
    return {};
  }

  void OnEnd(const CallContext& context, const CallOutcome& outcome) override {
    notes_.push_back(name_ + " end " +
                     (outcome.error ? std::string(CodeName(*outcome.error)) : "ok") + " " +
                     std::to_string(outcome.body_bytes));
    EXPECT_GE(outcome.duration, std::chrono::nanoseconds(0));
    last_ended = context;
  }

  bool refuses = false;
  std::optional<CallContext> last_ended;

 private:
  const std::string name_;
  std::vector<std::string>& notes_;
};

std::string NameOf(const CallContext& context) {
  return static_cast<const NamedPrincipal&>(*context.principal).name;
}

/// Does not care how calls end.
class Doorkeeper final : public Interceptor {
 public:
  std::expected<void, Error> BeforeLargeBody(const MethodDescriptor& method,
                                             const http::Request& head) override {
    if (head.Header("Authorization")) return {};
    return MakeError(Code::kUnauthenticated, "who sends so much to " + method.path + "?");
  }
  std::expected<void, Error> OnStart(CallContext& context, const http::Request& request) override {
    if (!request.Header("Authorization")) return MakeError(Code::kUnauthenticated, "who are you?");
    context.trace_id = "passed";
    return {};
  }
  void OnEnd(const CallContext&, const CallOutcome&) override { ADD_FAILURE(); }
  [[nodiscard]] bool needs_end() const override { return false; }
};

/// Sends the given messages, one in each turn.
class HeldSource final : public MessageSource {
 public:
  explicit HeldSource(std::optional<StreamTurn>& turn) : turn_(turn) {}
  void Next(StreamTurn turn) override { turn_ = std::move(turn); }

 private:
  std::optional<StreamTurn>& turn_;
};

class InterceptorTest : public testing::Test {
 protected:
  InterceptorTest() {
    router_.AddInterceptor(outer_);
    router_.AddInterceptor(inner_);
    const auto echo = [this](const Item& item, std::unique_ptr<UnaryCall> call) {
      notes_.emplace_back("handler");
      if (item.code() == "fail") return call->Fail({.code = Code::kNotFound, .message = "none"});
      if (item.code() == "hold") {
        held_ = std::move(call);
        return;
      }
      seen_ = call->context();
      call->Finish(item);
    };
    router_.AddUnary<Item, Item>(std::string(kEcho), echo);
    router_.AddUnary<Item, Item>(std::string(kLookPath), echo);
    router_.AddPlainJson<Item, Item>("/Plain", echo, std::string(kLookPath));
    router_.AddServerStream<Item, Item>(std::string(kWatchPath),
                                        [this](const Item&, std::unique_ptr<StreamCall> call) {
                                          call->Respond(std::make_unique<HeldSource>(turn_));
                                        });
  }

  std::shared_ptr<FakeExchange> Post(std::string_view path, std::string_view body,
                                     std::vector<http::HeaderField> headers = {},
                                     std::string_view type = "application/json") {
    headers.push_back({"Content-Type", type});
    auto exchange = std::make_shared<FakeExchange>();
    http::Request request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.headers = headers;
    request.peer = kPeer;
    router_.Handle(request, exchange);
    return exchange;
  }

  /// Opens a stream and asks for the first message.
  std::shared_ptr<FakeExchange> Watch() {
    auto exchange =
        Post(kWatchPath, std::string_view("\0\0\0\0\2{}", 7), {}, "application/connect+json");
    exchange->pieces()->Next([](http::BodySource::Progress, const std::string&) {});
    return exchange;
  }

  std::vector<std::string> notes_;
  std::shared_ptr<Witness> outer_ = std::make_shared<Witness>("outer", notes_);
  std::shared_ptr<Witness> inner_ = std::make_shared<Witness>("inner", notes_);
  test::ManualExecutor executor_;
  Router router_{executor_};
  std::unique_ptr<UnaryCall> held_;
  std::optional<StreamTurn> turn_;
  CallContext seen_;
};

TEST_F(InterceptorTest, RunInOrderAroundTheHandler) {
  EXPECT_EQ(Post(kEcho, R"({"code":"x"})")->response().body, R"({"code":"x"})");
  EXPECT_THAT(notes_, ElementsAre("outer start", "inner start", "handler", "inner end ok 12",
                                  "outer end ok 12"));
}

TEST_F(InterceptorTest, TheContextOutlivesTheRequest) {
  const auto before = steady_clock::now();
  (void)Post(kLookPath, "{}", {{"Authorization", "alice"}, {"Connect-Timeout-Ms", "60000"}});
  for (const CallContext& context : {seen_, outer_->last_ended.value()}) {
    EXPECT_EQ(context.method->path, kLookPath);
    EXPECT_EQ(context.method->kind, MethodKind::kUnary);
    EXPECT_FALSE(context.method->has_side_effects);
    ASSERT_NE(context.method->proto, nullptr);
    EXPECT_EQ(context.method->proto->full_name(), "connecttest.Probe.Look");
    EXPECT_EQ(context.peer, kPeer);
    EXPECT_GE(context.deadline.value(), before + milliseconds(60'000));
    EXPECT_LE(context.deadline.value(), steady_clock::now() + milliseconds(60'000));
    EXPECT_EQ(NameOf(context), "alice");
    EXPECT_EQ(context.trace_id, "trace-1");
  }
}

TEST_F(InterceptorTest, TheContextMayLackMethodAndDeadline) {
  (void)Post(kEcho, "{}");
  EXPECT_EQ(seen_.method->proto, nullptr);
  EXPECT_TRUE(seen_.method->has_side_effects);
  EXPECT_EQ(seen_.deadline, std::nullopt);
  EXPECT_EQ(seen_.principal, nullptr);
}

TEST_F(InterceptorTest, APlainPathIsSeenAsItsMethod) {
  (void)Post("/Plain", "{}");
  EXPECT_EQ(seen_.method->path, kLookPath);
  EXPECT_EQ(seen_.method->kind, MethodKind::kPlainJson);
}

TEST_F(InterceptorTest, ARefusalStopsTheCall) {
  outer_->refuses = true;
  const auto exchange = Post(kEcho, "{}");
  EXPECT_EQ(exchange->response().status, 401);
  EXPECT_EQ(exchange->response().body, R"({"code":"unauthenticated","message":"who are you?"})");
  EXPECT_THAT(notes_, ElementsAre("outer start", testing::StartsWith("outer end unauth")));
}

TEST_F(InterceptorTest, ARefusalIsWrittenInTheCallsProtocol) {
  inner_->refuses = true;
  const auto exchange =
      Post(kEcho, std::string_view("\0\0\0\0\2{}", 7), {}, "application/grpc-web+json");
  EXPECT_EQ(exchange->response().status, 200);
  EXPECT_THAT(exchange->response().body, testing::HasSubstr("grpc-status: 16"));
}

TEST_F(InterceptorTest, HandlerAndDecodingErrorsAreOutcomes) {
  (void)Post(kEcho, R"({"code":"fail"})");
  EXPECT_THAT(notes_.back(), testing::StartsWith("outer end not_found"));
  (void)Post(kEcho, "{");
  EXPECT_THAT(notes_.back(), testing::StartsWith("outer end invalid_argument"));
}

TEST_F(InterceptorTest, DroppedAndLateCallsAreOutcomes) {
  (void)Post(kEcho, R"({"code":"hold"})");
  held_.reset();
  EXPECT_THAT(notes_.back(), testing::StartsWith("outer end internal"));
  (void)Post(kEcho, R"({"code":"hold"})", {{"Connect-Timeout-Ms", "50"}});
  executor_.Advance(milliseconds(50));
  EXPECT_THAT(notes_.back(), testing::StartsWith("outer end deadline_exceeded"));
  const std::size_t notes = notes_.size();
  held_->Finish(Item());
  EXPECT_EQ(notes_.size(), notes);
}

TEST_F(InterceptorTest, AStreamEndsWithItsLastMessage) {
  const auto exchange = Watch();
  EXPECT_THAT(notes_, ElementsAre("outer start", "inner start"));
  std::exchange(turn_, std::nullopt)->Send(Item());
  exchange->pieces()->Next([](http::BodySource::Progress, const std::string&) {});
  std::exchange(turn_, std::nullopt)->Finish();
  // The message in its envelope, and the end's {} in another.
  EXPECT_EQ(notes_.back(), "outer end ok " + std::to_string(5 + 11 + 5 + 2));
}

TEST_F(InterceptorTest, AStreamThatFailsSaysWhy) {
  const auto exchange = Watch();
  std::exchange(turn_, std::nullopt)->Fail({.code = Code::kAborted, .message = ""});
  EXPECT_THAT(notes_.back(), testing::StartsWith("outer end aborted"));
}

TEST_F(InterceptorTest, AClientThatLeavesAStreamCancelsIt) {
  auto exchange = Watch();
  turn_.reset();  // its "internal" reaches no one: the client has left
  notes_.clear();
  exchange = Watch();
  exchange.reset();
  EXPECT_THAT(notes_, ElementsAre("outer start", "inner start", "inner end canceled 0",
                                  "outer end canceled 0"));
}

TEST_F(InterceptorTest, RequestsThatAreNoCallsAreNotSeen) {
  (void)Post("/nowhere", "{}");
  (void)Post(kEcho, "{}", {}, "text/plain");
  (void)Post(kEcho, "{}", {{"Connect-Timeout-Ms", "soon"}});
  EXPECT_THAT(notes_, ElementsAre());
}

class DoorkeeperTest : public testing::Test {
 protected:
  DoorkeeperTest() {
    router_.AddInterceptor(std::make_shared<Doorkeeper>());
    router_.AddUnary<Item, Item>(
        std::string(kEcho),
        [this](const Item& item, std::unique_ptr<UnaryCall> call) {
          trace_id_ = call->context().trace_id;
          call->Finish(item);
        },
        LargeMessages{.bytes_max = kLarge, .values_max = kLarge});
  }

  /// Returns a request with the headers.
  http::Request Head(const std::vector<http::HeaderField>& headers) {
    http::Request request;
    request.method = "POST";
    request.path = kEcho;
    request.body = "{}";
    request.headers = headers;
    return request;
  }

  static constexpr std::size_t kLarge = 1'000'000;
  static constexpr std::size_t kUsual = 70'000;
  const std::vector<http::HeaderField> stranger_ = {{"Content-Type", "application/json"}};
  const std::vector<http::HeaderField> known_ = {{"Content-Type", "application/json"},
                                                 {"Authorization", "alice"}};
  test::ManualExecutor executor_;
  Router router_{executor_};
  std::string trace_id_;
};

TEST_F(DoorkeeperTest, CallsAreLetInWithoutBeingFollowed) {
  for (const auto& [headers, status] : {std::pair(stranger_, 401), std::pair(known_, 200)}) {
    auto exchange = std::make_shared<FakeExchange>();
    router_.Handle(Head(headers), exchange);
    EXPECT_EQ(exchange->response().status, status);
  }
  EXPECT_EQ(trace_id_, "passed");
}

TEST_F(DoorkeeperTest, ALargeBodyIsForThoseWhoMaySendIt) {
  EXPECT_EQ(router_.BodyBytesMax(Head(stranger_), kUsual), kUsual);
  EXPECT_GT(router_.BodyBytesMax(Head(known_), kUsual), kLarge);
  const http::Response plain{.status = 413, .content_type = {}, .headers = {}, .body = {}};
  const http::Response refused = router_.BodyTooLarge(Head(stranger_), plain, "too large");
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.body, testing::HasSubstr("who sends so much to /test.Service/Echo?"));
  EXPECT_EQ(router_.BodyTooLarge(Head(known_), plain, "too large").status, 413);
}

}  // namespace
}  // namespace coupond::connect

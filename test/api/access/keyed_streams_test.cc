// Streams whose key is taken away while they last.
#include "api/access/keyed_streams.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/access/caller.h"
#include "api/access/key_check.h"
#include "api/access/method_access.h"
#include "api/keyed_service_fixture.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/standard_details.h"

namespace coupond::api {
namespace {

using access::Role;
using testing::AllOf;
using testing::HasSubstr;
using Progress = http::BodySource::Progress;

constexpr std::string_view kWatch = "/coupon.v1.CouponService/WatchCampaign";
constexpr std::string_view kReadEvents = "/coupon.v1.AdminService/ReadEvents";

/// The client's side of an answer in pieces. It reads on until it is told to pause.
class StreamClient {
 public:
  explicit StreamClient(std::shared_ptr<connect::FakeExchange> exchange)
      : exchange_(std::move(exchange)) {}
  /// Dropping the stream may deliver to this object.
  ~StreamClient() { exchange_.reset(); }
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  void ReadOn() {
    exchange_->pieces()->Next([this](Progress progress, std::string piece) {
      if (progress == Progress::kMore) {
        ++pieces_;
        return ReadOn();
      }
      ++ends_;
      how_ = progress;
      end_ = std::move(piece);
    });
  }

  /// Returns how many pieces have arrived before the end.
  [[nodiscard]] std::size_t pieces() const { return pieces_; }
  [[nodiscard]] bool ended() const { return ends_ > 0; }
  [[nodiscard]] std::size_t ends() const { return ends_; }
  [[nodiscard]] Progress how() const { return how_; }
  /// Returns the last envelope; empty before the end.
  [[nodiscard]] const std::string& end() const { return end_; }

 private:
  std::shared_ptr<connect::FakeExchange> exchange_;
  std::size_t pieces_ = 0;
  std::size_t ends_ = 0;
  Progress how_ = Progress::kMore;
  std::string end_;
};

class KeyedStreamsTest : public KeyedServiceFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(KeyedServiceFixture::SetUp());
    StartServiceWith({.keys = &ring_});
  }

  /// Asks for a stream with the key that was chosen last, and waits for the answer.
  Exchange AskForStream(std::string_view path, std::string_view message,
                        std::string_view type = "application/connect+json") {
    std::string body;
    connect::AppendEnvelope(0, message, body);
    return Answered(Send("POST", path, type, body));
  }
  Exchange Answered(Exchange exchange) {
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
  /// Opens a stream, and waits for its first message.
  std::unique_ptr<StreamClient> Open(std::string_view path, std::string_view message) {
    return Begun(AskForStream(path, message));
  }
  std::unique_ptr<StreamClient> Begun(Exchange exchange) {
    EXPECT_EQ(exchange->response().status, 200) << exchange->response().body;
    auto client = std::make_unique<StreamClient>(std::move(exchange));
    client->ReadOn();
    AwaitMore(*client, 0);
    EXPECT_FALSE(client->ended());
    return client;
  }
  std::unique_ptr<StreamClient> Watch() {
    return Open(kWatch, R"({"campaignId":")" + id_ + R"(","follow":true})");
  }
  std::unique_ptr<StreamClient> ReadEvents() { return Open(kReadEvents, R"({"follow":true})"); }
  std::unique_ptr<StreamClient> GetLines() {
    return Begun(Answered(Send("GET", "/events", "", "", "follow=1")));
  }

  /// Changes the key with this text, and exchanges the keys.
  void Change(const std::string& text, const std::function<void(access::Key&)>& change) {
    const auto found = std::ranges::find(keys_, access::ParseKeyText(text)->id, &access::Key::id);
    ASSERT_NE(found, keys_.end());
    change(*found);
    ring_.Replace(keys_);
  }
  static void Revoke(access::Key& key) { key.revoked = test::At(0); }
  /// Lets the time pass after which the keys are looked at.
  void Tick() {
    executor_.Advance(kKeyedStreamsInterval);
    executor_.RunWaiting();
  }
  /// Opens an answer in pieces with a key of its own, and takes the key away before the client
  /// reads a piece. Returns the client once it has read.
  std::unique_ptr<StreamClient> ReadWithoutKey(const std::function<Exchange()>& ask) {
    const std::string key = Add({.role = Role::kAdmin});
    As(key);
    Exchange exchange = Answered(ask());
    EXPECT_NE(exchange->pieces(), nullptr) << exchange->response().body;
    auto client = std::make_unique<StreamClient>(std::move(exchange));
    Change(key, Revoke);
    Tick();
    client->ReadOn();
    EXPECT_EQ(client->pieces(), 0U);
    EXPECT_EQ(client->ends(), 1U);
    return client;
  }
  /// Waits until the client has more pieces, or the stream has ended.
  void AwaitMore(const StreamClient& client, std::size_t pieces) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (client.pieces() <= pieces && !client.ended()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      executor_.Advance(std::chrono::milliseconds(1));  // watchers are told in rounds
      executor_.RunWaiting();
    }
  }
  /// Expects that the streams go on when something happens.
  void ExpectAlive(const std::vector<const StreamClient*>& clients) {
    std::vector<std::size_t> before;
    for (const auto* client : clients) before.push_back(client->pieces());
    IssueAsAdmin();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      AwaitMore(*clients[i], before[i]);
      EXPECT_FALSE(clients[i]->ended()) << clients[i]->end();
    }
  }
};

TEST_F(KeyedStreamsTest, ARevokedKeyEndsItsStreamsAndNoOthers) {
  const std::string leaving = Add({.role = Role::kOperator});
  As(Role::kOperator);
  const auto staying_watch = Watch();
  const auto staying_events = ReadEvents();
  const auto staying_lines = GetLines();
  As(leaving);
  const auto watch = Watch();
  const auto events = ReadEvents();
  const auto lines = GetLines();
  Change(leaving, Revoke);
  Tick();
  for (const auto* client : {watch.get(), events.get()}) {
    EXPECT_EQ(client->how(), Progress::kEnd);
    EXPECT_THAT(client->end(),
                AllOf(HasSubstr(R"("code":"unauthenticated")"), HasSubstr("KEY_REVOKED")));
  }
  EXPECT_TRUE(lines->ended());
  EXPECT_EQ(lines->how(), Progress::kFailed) << "the head has been sent";
  ExpectAlive({staying_watch.get(), staying_events.get(), staying_lines.get()});
  Tick();
  EXPECT_EQ(watch->ends() + events->ends() + lines->ends(), 3U);
}

/// Returns the paths of all methods that answer with a stream.
std::vector<std::string_view> StreamPaths() {
  std::vector<std::string_view> paths;
  for (const MethodAccess& method : AllMethodAccess()) {
    std::string name(method.path.substr(1));
    name.replace(name.find('/'), 1, ".");
    const auto* const described =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
    if (described->server_streaming()) paths.push_back(method.path);
  }
  return paths;
}

TEST_F(KeyedStreamsTest, EveryMethodWithAStreamIsGuarded) {
  const std::string message = R"({"campaignId":")" + id_ + R"("})";
  const std::vector<std::string_view> paths = StreamPaths();
  EXPECT_THAT(paths, testing::IsSupersetOf({kWatch, kReadEvents, kExportCouponsPath}));
  for (const std::string_view path : paths) {
    SCOPED_TRACE(path);
    const auto in_connect = ReadWithoutKey([&] { return AskForStream(path, message); });
    EXPECT_EQ(in_connect->how(), Progress::kEnd);
    EXPECT_THAT(in_connect->end(), HasSubstr("KEY_REVOKED"));
    const auto in_grpc_web =
        ReadWithoutKey([&] { return AskForStream(path, message, "application/grpc-web+json"); });
    EXPECT_EQ(in_grpc_web->how(), Progress::kEnd);
    EXPECT_EQ(connect::DetailsInTrailers(in_grpc_web->end()).reason, "KEY_REVOKED");
  }
}

TEST_F(KeyedStreamsTest, EveryLongPageIsGuarded) {
  const std::string coupons = "/campaigns/" + id_ + "/coupons.";
  for (const std::string& path : {std::string("/events"), coupons + "csv", coupons + "jsonl"}) {
    const auto page = ReadWithoutKey([&] { return Send("GET", path, "", ""); });
    EXPECT_EQ(page->how(), Progress::kFailed) << path;
  }
}

TEST_F(KeyedStreamsTest, AStreamEndsAsANewCallIsRefused) {
  const struct {
    std::function<void(access::Key&)> change;
    std::string code;
    std::string reason;
  } rows[] = {
      {Revoke, "unauthenticated", "KEY_REVOKED"},
      {[](access::Key& key) { key.expires = test::At(0); }, "unauthenticated", "KEY_EXPIRED"},
      {[](access::Key& key) { key.role = Role::kAdmin; }, "unauthenticated", "KEY_INVALID"},
      {[](access::Key& key) { key.role = Role::kRedeemer; }, "unauthenticated", "KEY_INVALID"},
      {[](access::Key& key) { key.secret_hash[0] ^= 1; }, "unauthenticated", "KEY_INVALID"},
      {[](access::Key& key) { key.id = KeyId(1); }, "unauthenticated", "KEY_INVALID"},
      {[](access::Key& key) { key.campaigns = {test::Id(7)}; }, "permission_denied",
       "CAMPAIGN_NOT_ALLOWED"},
  };
  for (const auto& row : rows) {
    const std::string key = Add({.role = Role::kViewer});
    As(key);
    const auto watch = Watch();
    Change(key, row.change);
    Tick();
    EXPECT_EQ(watch->how(), Progress::kEnd) << row.reason;
    EXPECT_THAT(watch->end(),
                AllOf(HasSubstr(R"("code":")" + row.code + '"'), HasSubstr(row.reason)));
    const Exchange refused = AskForStream(kWatch, R"({"campaignId":")" + id_ + R"("})");
    EXPECT_EQ(watch->end(), refused->response().body);
  }
}

TEST_F(KeyedStreamsTest, AKeyThatExpiresEndsItsStreams) {
  const std::string key =
      Add({.role = Role::kOperator, .expires = clock_.Now().Plus(std::chrono::seconds(10))});
  As(key);
  const auto events = ReadEvents();
  const auto lines = GetLines();
  clock_.Set(clock_.Now().Plus(std::chrono::nanoseconds(9'999'999'999)));
  Tick();
  ExpectAlive({events.get(), lines.get()});
  clock_.Set(clock_.Now().Plus(std::chrono::nanoseconds(1)));
  Tick();
  EXPECT_THAT(events->end(),
              AllOf(HasSubstr(R"("code":"unauthenticated")"), HasSubstr("KEY_EXPIRED")));
  EXPECT_EQ(lines->how(), Progress::kFailed);
}

TEST_F(KeyedStreamsTest, AChangeThatTakesNothingAwayEndsNothing) {
  const std::string key = Add({.role = Role::kOperator, .campaigns = {test::Id(1)}});
  As(key);
  const auto watch = Open(kWatch, R"({"follow":true})");  // of its only campaign
  const auto lines = GetLines();
  const std::vector<std::function<void(access::Key&)>> changes = {
      [](access::Key&) {},
      [](access::Key& changed) { changed.note = "another"; },
      [](access::Key& changed) { changed.expires = test::At(1'000'000); },
      [](access::Key& changed) { changed.campaigns = {test::Id(1), test::Id(7)}; },
      [](access::Key& changed) { changed.campaigns.clear(); },
  };
  for (const auto& change : changes) {
    Change(key, change);
    Add({.role = Role::kAdmin});
    Tick();
    ExpectAlive({watch.get(), lines.get()});
  }
  // What it is about is what was filled in.
  Change(key, [](access::Key& changed) { changed.campaigns = {test::Id(7)}; });
  Tick();
  EXPECT_THAT(watch->end(),
              AllOf(HasSubstr(R"("code":"permission_denied")"), HasSubstr("CAMPAIGN_NOT_ALLOWED")));
  EXPECT_EQ(lines->how(), Progress::kFailed);
}

TEST_F(KeyedStreamsTest, AStreamOfAllCampaignsEndsWhenTheKeyIsLimited) {
  const std::string key = Add({.role = Role::kOperator});
  As(key);
  const auto of_all = ReadEvents();
  const auto of_one = Open(kReadEvents, R"({"campaignId":")" + id_ + R"(","follow":true})");
  Change(key, [](access::Key& changed) { changed.campaigns = {test::Id(1)}; });
  Tick();
  EXPECT_THAT(of_all->end(), AllOf(HasSubstr(R"("code":"permission_denied")"),
                                   HasSubstr("CAMPAIGN_NOT_ALLOWED"), HasSubstr("all of them")));
  ExpectAlive({of_one.get()});
}

TEST_F(KeyedStreamsTest, AFileBreaksOffWhetherOrNotItIsBeingRead) {
  const std::string key = Add({.role = Role::kOperator});
  const std::string path = "/campaigns/" + id_ + "/coupons.csv";
  As(key);
  StreamClient pausing(Answered(Send("GET", path, "", "")));
  StreamClient reading(Answered(Send("GET", path, "", "")));
  Change(key, Revoke);
  reading.ReadOn();
  executor_.Advance(kKeyedStreamsInterval);  // before the part is there
  EXPECT_EQ(reading.how(), Progress::kFailed);
  EXPECT_FALSE(pausing.ended());
  pausing.ReadOn();
  EXPECT_EQ(pausing.how(), Progress::kFailed);
  // The part of the file comes too late: queries of exports run one after another, so it has come
  // when another export has ended.
  As(Role::kAdmin);
  StreamClient other(Answered(Send("GET", path, "", "")));
  other.ReadOn();
  EXPECT_TRUE(executor_.RunUntil([&] { return other.ended(); }));
  EXPECT_EQ(other.how(), Progress::kEnd);
  EXPECT_EQ(reading.pieces(), 0U);
  EXPECT_EQ(reading.ends(), 1U);
}

TEST_F(KeyedStreamsTest, ManyStreamsEndAFewAtATime) {
  const std::string key = Add({.role = Role::kOperator});
  As(key);
  std::vector<std::unique_ptr<StreamClient>> clients;
  while (clients.size() < 3 * kStreamsEndedAtOnce) clients.push_back(ReadEvents());
  const auto ended = [&] {
    return static_cast<std::size_t>(std::ranges::count_if(
        clients, [](const auto& client) { return client != nullptr && client->ended(); }));
  };
  Change(key, Revoke);
  executor_.Advance(kKeyedStreamsInterval);
  EXPECT_EQ(ended(), kStreamsEndedAtOnce);
  // One leaves before its turn.
  const auto leaving =
      std::ranges::find_if(clients, [](const auto& client) { return !client->ended(); });
  ASSERT_NE(leaving, clients.end());
  leaving->reset();
  executor_.RunWaiting();
  EXPECT_EQ(ended(), clients.size() - 1);
  for (const auto& client : clients) {
    if (client) {
      EXPECT_EQ(client->ends(), 1U);
    }
  }
}

TEST_F(KeyedStreamsTest, AnEndThatThrowsDelaysTheOthersByATick) {
  // At the tick itself, and in what it has posted.
  for (const std::size_t throwing : {std::size_t{1}, kStreamsEndedAtOnce + 1}) {
    const std::string key = Add({.role = Role::kOperator});
    KeyCheck check(ring_, clock_, nullptr);
    KeyedStreams streams(check, executor_);
    const auto caller = std::make_shared<const Caller>(keys_.back());
    std::size_t ends = 0;
    std::vector<std::unique_ptr<connect::StreamGuard>> guards(kStreamsEndedAtOnce + 2);
    for (auto& guard : guards) {
      guard = streams.Guard(caller, "");
      guard->Begin([&](const connect::Error&) {
        if (++ends == throwing) throw std::bad_alloc();
      });
    }
    Change(key, Revoke);
    try {
      Tick();
    } catch (const std::bad_alloc&) {  // the executor's own queue of tasks lets it pass
    }
    EXPECT_EQ(ends, throwing);
    Tick();
    EXPECT_EQ(ends, guards.size());
  }
}

}  // namespace
}  // namespace coupond::api

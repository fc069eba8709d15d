#include "api/admin_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rpc/connect/fake_exchange.h"
#include "rpc/connect/router.h"
#include "support/manual_executor.h"

namespace coupond::api {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

using test::ManualExecutor;

/// Copies nothing. CopyTo returns when the test gives an answer, or when it is stopped.
class HeldCopier final : public StoreCopier {
 public:
  Result<BackupReport> CopyTo(const std::string& name, const std::atomic<bool>& stop) override {
    std::unique_lock lock(mutex_);
    names_.push_back(name);
    changed_.notify_all();
    while (!answer_) {
      if (stop) return MakeError(ErrorCode::kUnavailable, "the backup was stopped");
      changed_.wait_for(lock, std::chrono::milliseconds(1));
    }
    return *std::exchange(answer_, std::nullopt);
  }
  void Answer(Result<BackupReport> answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    changed_.notify_all();
  }
  /// Waits until `count` copies have begun, and returns their names.
  std::vector<std::string> AwaitNames(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return names_.size() >= count; });
    return names_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> names_;
  std::optional<Result<BackupReport>> answer_;
};

class AdminMethodsTest : public testing::Test {
 protected:
  using Exchange = std::shared_ptr<connect::FakeExchange>;

  AdminMethodsTest() { Route(methods_, router_); }
  /// Ends the last backup before its answer's destination is destroyed.
  void TearDown() override { runner_.Stop(); }

  static void Route(AdminMethods& methods, connect::Router& router) {
    router.AddUnary<coupon::v1::CreateBackupRequest, coupon::v1::CreateBackupResponse>(
        "/CreateBackup",
        [&methods](const coupon::v1::CreateBackupRequest& request, AdminMethods::Call call) {
          methods.CreateBackup(request, std::move(call));
        });
  }
  static Exchange Ask(connect::Router& router, const std::string& name) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    const std::vector<http::HeaderField> headers{{"Content-Type", "application/json"}};
    const std::string body = R"({"name":")" + name + R"("})";
    router.Handle(
        {.method = "POST", .path = "/CreateBackup", .query = "", .body = body, .headers = headers},
        exchange);
    return exchange;
  }
  Exchange Ask(const std::string& name) { return Ask(router_, name); }

  HeldCopier copier_;
  BackupRunner runner_{copier_, [](const std::string&) {}};
  ManualExecutor executor_;
  AdminMethods methods_{&runner_, "", executor_};
  connect::Router router_{executor_};
};

TEST_F(AdminMethodsTest, ABackupIsAnsweredOnceItIsComplete) {
  const Exchange exchange = Ask("nightly");
  EXPECT_EQ(copier_.AwaitNames(1), std::vector<std::string>{"nightly"});
  EXPECT_FALSE(exchange->answered());
  GroupHash hash{};
  hash.front() = 0xab;
  copier_.Answer(BackupReport{
      .path = "/backups/nightly",
      .tip = {.group = GroupNumber(7), .sequence = Sequence(70), .time = {}, .hash = hash},
      .bytes = 700});
  executor_.RunNext();
  ASSERT_TRUE(exchange->answered());
  EXPECT_EQ(exchange->response().status, 200);
  EXPECT_EQ(
      exchange->response().body,
      R"({"name":"nightly","path":"/backups/nightly","groups":"7","events":"70","headHash":")" +
          ("ab" + std::string(62, '0')) + R"(","bytes":"700"})");
}

TEST_F(AdminMethodsTest, WithoutARunnerBackupsAreRefused) {
  AdminMethods none(nullptr, "no backups here", executor_);
  connect::Router router(executor_);
  Route(none, router);
  const Exchange exchange = Ask(router, "nightly");
  ASSERT_TRUE(exchange->answered());
  EXPECT_EQ(exchange->response().status, 400);
  EXPECT_THAT(exchange->response().body, HasSubstr("failed_precondition"));
  EXPECT_THAT(exchange->response().body, HasSubstr("no backups here"));
}

TEST_F(AdminMethodsTest, AnInvalidNameNeverReachesTheDisk) {
  for (const char* name : {"", "../x", ".x", "a/b", "a b"}) {
    const Exchange exchange = Ask(name);
    ASSERT_TRUE(exchange->answered()) << name;
    EXPECT_THAT(exchange->response().body, HasSubstr("invalid_argument")) << name;
    EXPECT_THAT(exchange->response().body, HasSubstr("name: ")) << name;
  }
}

TEST_F(AdminMethodsTest, OnlyOneBackupRunsAtATime) {
  const Exchange first = Ask("one");
  static_cast<void>(copier_.AwaitNames(1));
  const Exchange second = Ask("two");
  ASSERT_TRUE(second->answered());
  EXPECT_THAT(second->response().body, HasSubstr("unavailable"));
  EXPECT_THAT(second->response().body, HasSubstr("another backup"));
  EXPECT_THAT(second->Header("Retry-After"), AnyOf("1", "2", "3"));
  copier_.Answer(BackupReport{});
  executor_.RunNext();
  EXPECT_EQ(first->response().status, 200);
  const Exchange third = Ask("three");
  copier_.Answer(BackupReport{});
  executor_.RunNext();
  EXPECT_EQ(third->response().status, 200);
  EXPECT_EQ(copier_.AwaitNames(2), (std::vector<std::string>{"one", "three"}));
}

TEST_F(AdminMethodsTest, AFailureIsAnsweredWithItsCode) {
  const struct {
    ErrorCode code;
    const char* says;
  } cases[] = {{ErrorCode::kBackupExists, "already_exists"},
               {ErrorCode::kNoSpace, "resource_exhausted"},
               {ErrorCode::kLogChainBroken, "log_chain_broken"},
               {ErrorCode::kUnavailable, "unavailable"}};
  for (const auto& [code, says] : cases) {
    const Exchange exchange = Ask("nightly");
    copier_.Answer(MakeError(code, "why"));
    executor_.RunNext();
    ASSERT_TRUE(exchange->answered());
    EXPECT_THAT(exchange->response().body, HasSubstr(says));
    EXPECT_THAT(exchange->response().body, HasSubstr("why"));
  }
}

TEST_F(AdminMethodsTest, AStopEndsTheBackupAndAnswersTheCall) {
  const Exchange exchange = Ask("nightly");
  static_cast<void>(copier_.AwaitNames(1));
  runner_.BeginStop();
  executor_.RunNext();
  ASSERT_TRUE(exchange->answered());
  EXPECT_EQ(exchange->response().status, 503);
  const Exchange late = Ask("late");
  ASSERT_TRUE(late->answered());
  EXPECT_EQ(copier_.AwaitNames(1).size(), 1U);
}

/// A disk that hangs: requests to stop have no effect.
class HungCopier final : public StoreCopier {
 public:
  Result<BackupReport> CopyTo(const std::string&, const std::atomic<bool>&) override {
    released_.wait(false);
    return BackupReport{};
  }
  void Release() {
    released_ = true;
    released_.notify_all();
  }

 private:
  std::atomic<bool> released_{false};
};

TEST(BackupRunner, StopByGivesUpOnAHungBackupAtItsDeadline) {
  HungCopier copier;
  BackupRunner runner(copier, [](const std::string&) {});
  ASSERT_TRUE(runner.TryRun("nightly", [](const Result<BackupReport>&) {}));
  EXPECT_FALSE(runner.StopBy(std::chrono::steady_clock::now()));
  EXPECT_FALSE(runner.TryRun("late", [](const Result<BackupReport>&) {}));
  copier.Release();
  EXPECT_TRUE(runner.StopBy(std::chrono::steady_clock::time_point::max()));
}

TEST_F(AdminMethodsTest, AnAnswerAfterTheWorkersEndIsDropped) {
  const Exchange exchange = Ask("nightly");
  static_cast<void>(copier_.AwaitNames(1));
  methods_.Abandon();
  const bool answered = exchange->answered();
  copier_.Answer(BackupReport{});
  executor_.RunNext();
  EXPECT_EQ(exchange->answered(), answered);
}

}  // namespace
}  // namespace coupond::api

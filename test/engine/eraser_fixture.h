#ifndef COUPOND_TEST_ENGINE_ERASER_FIXTURE_H_
#define COUPOND_TEST_ENGINE_ERASER_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/engine.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_text_purge.h"
#include "support/fake_view_store.h"
#include "support/recording_channel.h"
#include "support/stored_coupon.h"

namespace coupond {

/// An engine without threads on fakes, in whose log the texts of erased users are hidden and then
/// removed.
class EraserFixture : public ::testing::Test {
 protected:
  /// There once the request is answered.
  using Answer = std::shared_ptr<std::optional<ErasureOutcome>>;

  void Start(const Engine::Capacities& capacities = {}) {
    engine_.reset();  // without Stop, as in a crash
    texts_ = std::make_unique<test::FakeTextPurge>(log_);
    auto engine = Engine::StartStepped(Ports(), capacities, [](Engine& recovering) {
      while (recovering.StepProjector()) {
      }
    });
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  [[nodiscard]] Engine::Ports Ports() {
    return {.log = log_,
            .stored_log = log_,
            .views = views_,
            .clock = clock_,
            .fence = fence_,
            .texts = texts_.get(),
            .clock_slack = clock_slack_};
  }

  void Submit(Command command) {
    ASSERT_EQ(engine_->Submit({std::move(command), &channel_, next_ticket_++}),
              CommandQueue::Push::kAccepted);
  }
  /// Carries a command out, in a group of its own, and shows it in the views.
  void Do(Command command) {
    Submit(std::move(command));
    while (engine_->StepSequencer()) {
    }
    while (engine_->StepProjector()) {
    }
  }

  Answer TryErase(ErasureRequest request) {
    auto answer = std::make_shared<std::optional<ErasureOutcome>>();
    const bool taken =
        engine_->eraser().TryErase(std::move(request), [answer](const ErasureOutcome& outcome) {
          EXPECT_FALSE(*answer) << "answered twice";
          *answer = outcome;
        });
    return taken ? answer : nullptr;
  }
  Answer TryErase(std::string user_id, std::optional<RequestKey> request = {}) {
    return TryErase({.user_ids = {std::move(user_id)}, .request = request});
  }
  /// Does the next piece of work of each thread. Returns whether there was any.
  bool StepAll() {
    const bool erased = engine_->StepEraser();
    const bool decided = engine_->StepSequencer();
    const bool projected = engine_->StepProjector();
    return erased || decided || projected;
  }
  /// Does all the work there is.
  void RunAll() {
    while (StepAll()) {
    }
  }
  /// Erases a user, and returns the report. Does nothing beyond what the answer needs.
  ErasureReport Erase(ErasureRequest request) {
    const Answer answer = TryErase(std::move(request));
    while (!*answer && StepAll()) {
    }
    return ReportOf(answer);
  }
  ErasureReport Erase(std::string user_id, std::optional<RequestKey> request = {}) {
    return Erase(ErasureRequest{.user_ids = {std::move(user_id)}, .request = request});
  }
  static ErasureReport ReportOf(const Answer& answer) {
    const auto* const report = answer && *answer ? std::get_if<ErasureReport>(&**answer) : nullptr;
    EXPECT_NE(report, nullptr) << "not answered, or otherwise";
    return report == nullptr ? ErasureReport{} : *report;
  }
  /// Returns the reason with which the request was refused, or nullopt.
  static std::optional<RefusalReason> RefusalOf(const Answer& answer) {
    const auto* const reply = answer && *answer ? std::get_if<Reply>(&**answer) : nullptr;
    const auto* const refusal = reply ? std::get_if<Refusal>(&reply->outcome) : nullptr;
    return refusal ? std::optional(refusal->reason) : std::nullopt;
  }
  static std::string ErrorOf(const Answer& answer) {
    const auto* const error = answer && *answer ? std::get_if<Error>(&**answer) : nullptr;
    return error ? std::string(ErrorCodeName(error->code)) : "none";
  }

  /// Returns the events of this kind on the disk.
  template <typename Kind>
  [[nodiscard]] std::vector<Kind> Logged() const {
    std::vector<Kind> events;
    for (const CommitGroup& group : log_.Groups()) {
      for (const Event& event : group.events) {
        if (const auto* const one = std::get_if<Kind>(&event)) events.push_back(*one);
      }
    }
    return events;
  }
  /// Returns how many coupons have this text: on the disk, and for those who read the log.
  [[nodiscard]] int OnDisk(const std::string& user_id) const {
    int coupons = 0;
    for (const auto& issued : Logged<CouponIssued>()) coupons += issued.user_id == user_id ? 1 : 0;
    return coupons;
  }
  [[nodiscard]] int Readable(const std::string& user_id) const {
    int coupons = 0;
    const Status read =
        log_.Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash&) -> Status {
          for (const Event& event : group.events) {
            const auto* const issued = std::get_if<CouponIssued>(&event);
            coupons += issued != nullptr && issued->user_id == user_id ? 1 : 0;
          }
          return {};
        });
    EXPECT_TRUE(read);
    return coupons;
  }
  [[nodiscard]] std::string InViews(std::uint64_t campaign, std::uint64_t ordinal) const {
    return test::FindStored(views_, CampaignNumber(campaign), ordinal).value().value().user_id;
  }
  [[nodiscard]] std::size_t unfinished() const {
    return engine_->eraser().progress().unfinished_coupons;
  }

  test::FakeClock clock_{test::At(0)};
  std::chrono::nanoseconds clock_slack_ = kUnlimited;  // when the engine starts
  test::FakeEventLog log_;
  test::FakeViewStore views_;
  Fence fence_;
  test::RecordingChannel channel_;
  std::unique_ptr<test::FakeTextPurge> texts_;
  std::unique_ptr<Engine> engine_;
  std::uint64_t next_ticket_ = 1;
};

}  // namespace coupond

#endif  // COUPOND_TEST_ENGINE_ERASER_FIXTURE_H_

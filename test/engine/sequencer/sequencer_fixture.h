#ifndef COUPOND_TEST_ENGINE_SEQUENCER_SEQUENCER_FIXTURE_H_
#define COUPOND_TEST_ENGINE_SEQUENCER_SEQUENCER_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "engine/sequencer/sequencer.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/recording_channel.h"

/// A sequencer between ports that the test controls.
namespace coupond::test {

class RecordingListener final : public CommitListener {
 public:
  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override {
    groups.push_back(group);
    tips.push_back(tip);
  }
  std::vector<std::shared_ptr<const CommitGroup>> groups;
  std::vector<LogTip> tips;
};

/// The sequencer in the test's own thread: Submit what waits, then Process it as one group.
class SequencerTest : public ::testing::Test {
 protected:
  std::uint64_t Submit(Command command) {
    const std::uint64_t ticket = next_ticket_++;
    EXPECT_EQ(queue_.TryPush({std::move(command), &channel_, ticket}),
              CommandQueue::Push::kAccepted);
    return ticket;
  }
  Reply ReplyTo(std::uint64_t ticket) { return channel_.replies().at(ticket); }
  template <typename T>
  T OutcomeOf(std::uint64_t ticket) {
    return std::get<T>(ReplyTo(ticket).outcome);
  }
  void GivenACampaign(std::int64_t total) {
    Submit(Create(1, "one", total, clock_.Now()));
    ASSERT_TRUE(sequencer_.ProcessWaiting());
  }

  FakeClock clock_{At(0)};
  FakeEventLog log_;
  CommandQueue queue_;
  Fence fence_;
  RecordingListener listener_;
  RecordingChannel channel_;
  Sequencer sequencer_{{log_, queue_, clock_, fence_, {&listener_}}, Ledger{}};
  std::uint64_t next_ticket_ = 1;
};

/// The ports that a group passes through. The test decides what happens in them.
class HookedWorld final : public LogWriter, public Clock, public CommitListener {
 public:
  using Hook = std::function<void()>;

  [[nodiscard]] LogTip Tip() const override {
    if (in_tip) in_tip();
    return log.Tip();
  }
  [[nodiscard]] Status Append(const CommitGroup& group) override {
    if (before_append) before_append();
    Status appended = log.Append(group);
    if (after_append) after_append();
    return appended;
  }
  [[nodiscard]] Status Confirm() override {
    ++confirmations;
    if (in_confirm) in_confirm();
    return confirmed;
  }
  [[nodiscard]] Timestamp Now() const override {
    if (in_clock) in_clock();
    return At(0);
  }
  void OnCommit(const std::shared_ptr<const CommitGroup>&, const LogTip&) override {
    if (in_listener) in_listener();
  }

  FakeEventLog log;
  Hook in_tip, before_append, after_append, in_confirm, in_clock, in_listener;
  Status confirmed;
  int confirmations = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_ENGINE_SEQUENCER_SEQUENCER_FIXTURE_H_

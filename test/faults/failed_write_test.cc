#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "faults/fault_fixture.h"
#include "support/recording_channel.h"

/// The effect on clients and on the disk of a write that fails while the store serves.
namespace coupond::test {
namespace {

using Effect = Fault::Effect;

struct FailedWrite {
  const char* name;
  Effect effect;
  FileOperation operation;
  ErrorCode reason;
};

const FailedWrite kFailedWrites[] = {
    {"AppendIo", Effect::kIoError, FileOperation::kAppend, ErrorCode::kIo},
    {"AppendNoSpace", Effect::kNoSpace, FileOperation::kAppend, ErrorCode::kNoSpace},
    {"AppendShort", Effect::kShortWrite, FileOperation::kAppend, ErrorCode::kNoSpace},
    {"AppendUnsure", Effect::kUnsureWrite, FileOperation::kAppend, ErrorCode::kIo},
    {"SyncIo", Effect::kIoError, FileOperation::kSync, ErrorCode::kIo},
    {"SyncNoSpace", Effect::kNoSpace, FileOperation::kSync, ErrorCode::kNoSpace},
    {"SyncUnsure", Effect::kUnsureWrite, FileOperation::kSync, ErrorCode::kIo},
};

class FailedWriteTest : public FaultTest {
 protected:
  FailedWriteTest() : files_(directory_.path()) { Start(); }

  void Start() {
    auto run = StoreRun::Start(data_, World(files_.env()));
    ASSERT_TRUE(run) << run.error().message;
    run_ = std::move(*run);
  }
  Reply Do(const Command& command) {
    const std::vector<Command> one{command};
    const std::vector<Reply> replies = run_->Submit(one);
    told_.Add(one, replies);
    return replies.front();
  }
  /// Returns the number of issued coupons that campaign 1 shows; -1 without an answer.
  std::int64_t IssuedAsShown() {
    const auto campaigns = run_->ListCampaigns();
    return campaigns && campaigns->size() == 1 ? campaigns->front().issued_coupons : -1;
  }
  static bool IsUnavailable(const Reply& reply, bool outcome_unknown) {
    const auto* unavailable = std::get_if<Unavailable>(&reply.outcome);
    return unavailable != nullptr && unavailable->outcome_unknown == outcome_unknown;
  }

  const std::filesystem::path data_ = directory_.path() / "data";
  FaultyFiles files_;
  std::unique_ptr<StoreRun> run_;
  Acknowledgements told_;
};

class FailedLogWriteTest : public FailedWriteTest,
                           public testing::WithParamInterface<FailedWrite> {};

TEST_P(FailedLogWriteTest, FencesForGoodAndReadsGoOn) {
  Do(Create(1, "one", 10, At(0)));
  Do(Issue(1));
  Do(IssueTo(1, 7));
  files_.Inject({.effect = GetParam().effect,
                 .operation = GetParam().operation,
                 .path_part = "/log/",
                 .once = true});
  EXPECT_TRUE(IsUnavailable(Do(Issue(1)), /*outcome_unknown=*/true));
  ASSERT_EQ(files_.faults(), 1U);
  ASSERT_TRUE(run_->fence().raised());
  EXPECT_EQ(run_->fence().reason()->code, GetParam().reason);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(IsUnavailable(Do(Issue(1)), /*outcome_unknown=*/false));
    EXPECT_EQ(IssuedAsShown(), 2);
  }
  const Status stopped = run_->Stop();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, GetParam().reason);
  run_.reset();
  EXPECT_EQ(files_.CountSinceFault(FileOperation::kAppend, "/log/"), 0U);
  EXPECT_EQ(files_.CountSinceFault(FileOperation::kSync, "/log/"), 0U);
  EXPECT_EQ(files_.CountSinceFault(FileOperation::kAppend, "/views/"), 0U);

  // There is room again.
  files_.Heal();
  Start();
  const Reply again = Do(IssueTo(1, 7));
  EXPECT_TRUE(std::get<GrantedCoupon>(again.outcome).already_issued);
  EXPECT_TRUE(std::holds_alternative<GrantedCoupon>(Do(Issue(1)).outcome));
  EXPECT_TRUE(run_->Stop());
  run_.reset();
  ExpectSound(data_, told_);
}

INSTANTIATE_TEST_SUITE_P(, FailedLogWriteTest, testing::ValuesIn(kFailedWrites),
                         [](const auto& param) { return param.param.name; });

TEST_F(FailedWriteTest, AWatermarkThatCannotBeWrittenFencesToo) {
  Do(Create(1, "one", 10, At(0)));
  for (const FileOperation operation :
       {FileOperation::kOpenForWriting, FileOperation::kAppend, FileOperation::kSync,
        FileOperation::kRename, FileOperation::kSyncDirectory}) {
    SCOPED_TRACE(NameOf(operation));
    files_.Inject({.effect = Effect::kNoSpace,
                   .operation = operation,
                   .path_part = operation == FileOperation::kSyncDirectory ? "/data" : "WATERMARK",
                   .once = true});
    Do(Issue(1));  // too late if the watermark was still behind
    run_->AwaitFence();
    EXPECT_EQ(run_->fence().reason()->code, ErrorCode::kNoSpace);
    EXPECT_TRUE(IsUnavailable(Do(Issue(1)), /*outcome_unknown=*/false));
    EXPECT_GE(IssuedAsShown(), 0);
    EXPECT_FALSE(run_->Stop());
    run_.reset();
    files_.Heal();
    Start();
  }
  run_.reset();
  ExpectSound(data_, told_);
}

TEST_F(FailedWriteTest, UnflushableViewsFailTheStopAndLoseNothing) {
  Do(Create(1, "one", 10, At(0)));
  Do(Issue(1));
  files_.Inject({.effect = Effect::kNoSpace, .path_part = "/views/"});
  const Status stopped = run_->Stop();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kNoSpace);
  run_.reset();
  ExpectSound(data_, told_);
}

TEST_F(FailedWriteTest, ASlowSyncHoldsOnlyReplies) {
  Do(Create(1, "one", 10, At(0)));
  files_.HoldSyncs(".log");
  RecordingChannel channel;
  ASSERT_EQ(run_->engine().Submit({Issue(1), &channel, 0}), CommandQueue::Push::kAccepted);
  files_.AwaitHeldSync();
  for (std::uint64_t ticket = 1; ticket < 9; ++ticket) {
    ASSERT_EQ(run_->engine().Submit({Issue(1), &channel, ticket}), CommandQueue::Push::kAccepted);
  }
  EXPECT_EQ(IssuedAsShown(), 0);
  EXPECT_EQ(channel.deliveries(), 0U);
  files_.ReleaseSyncs();
  channel.WaitForReplies(9);
  EXPECT_EQ(IssuedAsShown(), 9);
  // Those that waited shared the next sync.
  EXPECT_EQ(channel.deliveries(), 2U);
}

TEST_F(FailedWriteTest, PowerThatGoesDuringASlowSyncLosesNoPromise) {
  Do(Create(1, "one", 10, At(0)));
  files_.HoldSyncs(".log");
  RecordingChannel channel;
  ASSERT_EQ(run_->engine().Submit({Issue(1), &channel, 0}), CommandQueue::Push::kAccepted);
  files_.AwaitHeldSync();
  files_.LosePower();
  files_.ReleaseSyncs();
  channel.WaitForReplies(1);
  EXPECT_TRUE(IsUnavailable(channel.replies().at(0), /*outcome_unknown=*/true));
  told_.Add(std::vector<Command>{Issue(1)}, std::vector<Reply>{channel.replies().at(0)});
  EXPECT_FALSE(run_->Stop());
  for (const Survivors survivors : {Survivors::kSyncedOnly, Survivors::kEverything}) {
    const std::filesystem::path after = FreshDirectory();
    files_.WriteSurvivors(after, survivors, 0);
    ExpectSound(after / "data", told_);
  }
}

}  // namespace
}  // namespace coupond::test

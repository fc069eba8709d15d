#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/entropy.h"
#include "engine/codes/claim_digest.h"
#include "faults/acknowledgements.h"
#include "faults/log_facts.h"
#include "faults/store_run.h"
#include "storage/text_search.h"
#include "support/builders.h"
#include "support/stored_coupon.h"
#include "support/temporary_directory.h"
#include "system/crash/kill_point.h"
#include "system/crash/kill_workload.h"
#include "system/crash/killed_process.h"
#include "system/crash/killing_files.h"
#include "system/program/process.h"

// A process is killed at each step of an erasure. The next one ends it: no file has the text, the
// other users have theirs, and nothing else has changed.
namespace coupond::test {
namespace {

using testing::IsEmpty;
using testing::Not;

constexpr std::chrono::seconds kAuditPatience{60};

/// What is in the log of an erasure that a kill has interrupted.
enum class Logged : std::uint8_t { kNothing, kErased, kFinished };

struct ErasureStep {
  KillPoint point;
  Logged logged;
  bool comes_again;  ///< in the next process, which goes on with the erasure
};

void PrintTo(const ErasureStep& step, std::ostream* out) { *out << NameOf(step.point); }

class KillErasureTest : public testing::Test {
 protected:
  /// Makes a store in which two users have coupons of three campaigns, one of them deleted, in
  /// tables and in the WAL.
  KillErasureTest() {
    Ask(past_,
        {Create(1, "one", 20, At(0)), Create(2, "two", 20, At(0)), Create(3, "three", 20, At(0))});
    Ask(past_, {IssueTo(1, erased_), IssueTo(1, kept_), IssueTo(3, erased_), IssueTo(3, kept_),
                Delete(3)});
    Ask(past_, {IssueTo(2, erased_), IssueTo(2, kept_), Issue(2)});
    EXPECT_THAT(FilesWith(past_, erased_), Not(IsEmpty()));
  }

  /// Returns a copy of the store, on which processes are to be killed.
  [[nodiscard]] std::filesystem::path CopyOfPast() {
    const std::filesystem::path copy = directory_.path() / std::to_string(++copies_);
    std::filesystem::copy(past_, copy, std::filesystem::copy_options::recursive);
    return copy;
  }

  /// Lets a new process end the erasure, or erase if the log knows nothing of it. Returns what was
  /// in the log.
  Logged EndErasure(const std::filesystem::path& path) {
    Logged logged = Logged::kNothing;
    const auto run = Start(path);
    if (run == nullptr) return logged;
    LogFacts facts;
    EXPECT_TRUE(facts.Read(run->store().log()));
    if (facts.IsErased(Serial(1))) {
      // The eraser may have ended it by now.
      logged = facts.unfinished_erasures().empty() ? Logged::kFinished : Logged::kErased;
      // This is answered when nothing of anybody is left.
      EraseWholly(*run, "nobody");
    } else {
      EraseWholly(*run, erased_);
    }
    const Status stopped = run->Stop();
    EXPECT_TRUE(stopped) << stopped.error().message;
    return logged;
  }

  /// Checks what is left when everything has ended, and what one more process finds.
  void ExpectErased(const std::filesystem::path& path) {
    EXPECT_THAT(FilesWith(path, erased_), IsEmpty());
    ExpectVerified(path);
    {
      const auto run = Start(path);
      ASSERT_NE(run, nullptr);
      const auto campaigns = run->ListCampaigns();
      ASSERT_TRUE(campaigns) << campaigns.error().message;
      EXPECT_THAT(told_.Compare(run->store().log(), run->engine().views()), IsEmpty());
      LogFacts facts;
      ASSERT_TRUE(facts.Read(run->store().log()));
      EXPECT_THAT(facts.faults(), IsEmpty());
      EXPECT_THAT(facts.unfinished_erasures(), IsEmpty());
      ExpectTexts(*run, facts);
      const Status stopped = run->Stop();
      EXPECT_TRUE(stopped) << stopped.error().message;
    }
    EXPECT_THAT(FilesWith(path, erased_), IsEmpty());
    EXPECT_THAT(FilesWith(path / "log", kept_), Not(IsEmpty()));
  }

  /// Checks whose texts there are, coupon by coupon.
  void ExpectTexts(StoreRun& run, const LogFacts& facts) const {
    for (const auto& [number, campaign] : facts.campaigns()) {
      for (std::size_t ordinal = 0; ordinal < campaign.coupons.size(); ++ordinal) {
        const LoggedCampaign::Coupon& coupon = campaign.coupons[ordinal];
        const bool is_kept = coupon.claim == ClaimOfUser(campaign.row.id, kept_);
        const std::string text = is_kept ? kept_ : std::string();
        EXPECT_EQ(coupon.user_id, text);
        EXPECT_EQ(facts.IsErased(coupon.serial),
                  coupon.claim == ClaimOfUser(campaign.row.id, erased_));
        if (campaign.deleted) continue;
        const auto shown = FindStored(run.engine().views(), number, ordinal);
        ASSERT_TRUE(shown && *shown);
        EXPECT_EQ((**shown).user_id, text);
      }
    }
  }

  static void ExpectVerified(const std::filesystem::path& path) {
    Process audit({COUPON_AUDIT_PATH, "verify", path.string()});
    EXPECT_EQ(audit.WaitForExit(kAuditPatience), 0) << audit.output();
  }
  static void ExpectKilled(const KilledProcess& killed, KillPoint point) {
    EXPECT_EQ(killed.status, -SIGKILL) << killed.output;
    EXPECT_EQ(killed.killed_at, std::string(NameOf(point))) << killed.output;
  }

  const std::string erased_ = ErasedUser();
  const std::string kept_ = IncompressibleText(2);

 private:
  std::unique_ptr<StoreRun> Start(const std::filesystem::path& path) {
    auto run = StoreRun::Start(path, {.entropy = entropy_, .clock = clock_, .env = files_.env()});
    EXPECT_TRUE(run) << run.error().message;
    return run ? *std::move(run) : nullptr;
  }
  void Ask(const std::filesystem::path& path, const std::vector<Command>& commands) {
    const auto run = Start(path);
    ASSERT_NE(run, nullptr);
    told_.Add(commands, run->Submit(commands));
    const auto campaigns = run->ListCampaigns();  // so that the views have everything
    ASSERT_TRUE(campaigns) << campaigns.error().message;
    const auto checkpoint = run->engine().views().ReadCheckpoint();
    ASSERT_TRUE(checkpoint && *checkpoint);
    code_key_ = (**checkpoint).code_key;
  }
  /// Returns an issue to a user, whom the auditor recognises; not before the store is made.
  [[nodiscard]] IssueCoupon IssueTo(std::uint8_t campaign, const std::string& user_id) const {
    return {.campaign_id = Id(campaign),
            .holder = ClaimOfUser(Id(campaign), user_id),
            .user_id = user_id};
  }
  [[nodiscard]] Claim ClaimOfUser(const CampaignId& campaign, const std::string& user_id) const {
    return ClaimDigest(code_key_).Of(campaign, ClaimKind::kUser, user_id);
  }
  /// Erases until it is done, which takes one request unless files are slow to go.
  static void EraseWholly(StoreRun& run, const std::string& user_id) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < patience) {
      const ErasureOutcome outcome = run.Erase(user_id);
      const auto* const report = std::get_if<ErasureReport>(&outcome);
      ASSERT_NE(report, nullptr);
      if (!report->pending) return;
    }
    FAIL() << "the erasure does not end";
  }

  TemporaryDirectory directory_;
  int copies_ = 0;
  const std::filesystem::path past_ = directory_.path() / "past";
  SystemEntropy entropy_;
  FakeClock clock_{KillTime(0)};
  KillSwitch never_{KillPoint::kNever, 0};
  KillingFiles files_{never_};
  Acknowledgements told_;
  CodeKey code_key_;
};

/// With a kill, or with a second one at the same step of the process that goes on.
class KillErasureStepTest : public KillErasureTest,
                            public testing::WithParamInterface<ErasureStep> {};

TEST_P(KillErasureStepTest, TheNextProcessEndsIt) {
  const ErasureStep step = GetParam();
  for (const bool twice : {false, true}) {
    if (twice && !step.comes_again) continue;
    SCOPED_TRACE(twice ? "killed twice" : "killed once");
    const std::filesystem::path path = CopyOfPast();
    for (int kills = 0; kills < (twice ? 2 : 1); ++kills) {
      const KilledProcess killed = EraseAndKill(path, step.point, 1);
      ExpectKilled(killed, step.point);
      // Before ErasureFinished, nothing has the text, whatever comes then.
      const bool is_gone =
          step.logged == Logged::kFinished || step.point == KillPoint::kBeforeFinished;
      if (is_gone) {
        EXPECT_THAT(FilesWith(path, erased_), IsEmpty()) << "before a start";
      }
    }
    const Logged logged = EndErasure(path);
    if (step.logged == Logged::kErased) {
      EXPECT_NE(logged, Logged::kNothing);
    } else {
      EXPECT_EQ(logged, step.logged);
    }
    ExpectErased(path);
  }
}

constexpr ErasureStep kErasureSteps[] = {
    {KillPoint::kBeforeErased, Logged::kNothing, true},
    {KillPoint::kAfterErased, Logged::kErased, false},
    {KillPoint::kBeforeViewRemoval, Logged::kErased, true},
    {KillPoint::kAfterViewRemoval, Logged::kErased, false},
    {KillPoint::kBeforePurge, Logged::kErased, true},
    {KillPoint::kAfterPurge, Logged::kErased, true},
    {KillPoint::kBeforeFinished, Logged::kErased, true},
    {KillPoint::kAfterFinished, Logged::kFinished, false},
    {KillPoint::kBeforeForget, Logged::kFinished, false},
};

INSTANTIATE_TEST_SUITE_P(, KillErasureStepTest, testing::ValuesIn(kErasureSteps),
                         [](const auto& param) {
                           std::string name(NameOf(param.param.point));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

/// The sweep over the operations on each database is split into parts, which can run in parallel.
constexpr std::uint64_t kRewriteParts = 2;

/// At each operation on the files of the log, whose holders are rewritten, and of the views; or at
/// about every third one, from a random one on, unless COUPOND_TEST_FULL is set.
class KillRewriteTest : public KillErasureTest,
                        public testing::WithParamInterface<std::tuple<KillPoint, std::uint64_t>> {};

TEST_P(KillRewriteTest, TheNextProcessEndsIt) {
  const auto& [point, part] = GetParam();
  const std::uint64_t step = std::getenv("COUPOND_TEST_FULL") != nullptr ? 1 : 3;
  const std::uint64_t first = 1 + std::random_device()() % step + step * part;
  std::uint64_t kills = 0;
  for (std::uint64_t at = first; !HasFailure(); at += step * kRewriteParts) {
    SCOPED_TRACE("operation " + std::to_string(at));
    const std::filesystem::path path = CopyOfPast();
    const KilledProcess killed = EraseAndKill(path, point, at);
    if (killed.status == 0) {
      EXPECT_THAT(FilesWith(path, erased_), IsEmpty()) << "it was not killed";
      break;
    }
    ExpectKilled(killed, point);
    EXPECT_NE(EndErasure(path), Logged::kNothing);
    ExpectErased(path);
    std::filesystem::remove_all(path);
    ++kills;
  }
  std::printf("%llu kills, the first at operation %llu\n", static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>(first));
  EXPECT_GT(kills, 1U);
}

INSTANTIATE_TEST_SUITE_P(, KillRewriteTest,
                         testing::Combine(testing::Values(KillPoint::kLogRewrite,
                                                          KillPoint::kViewsRewrite),
                                          testing::Range(std::uint64_t{0}, kRewriteParts)),
                         [](const auto& param) {
                           const bool of_log = std::get<0>(param.param) == KillPoint::kLogRewrite;
                           return (of_log ? "OfTheLog_" : "OfTheViews_") +
                                  std::to_string(std::get<1>(param.param));
                         });

}  // namespace
}  // namespace coupond::test

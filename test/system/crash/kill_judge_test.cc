#include "system/crash/kill_judge.h"

#include <gtest/gtest.h>

namespace coupond::test {
namespace {

TEST(KillJudge, FailsOnlyTheKillsSinceTheLastJudgement) {
  KillJudge judge;
  judge.CountKill();
  judge.Judge(0);
  EXPECT_EQ(judge.failed(), 0U);
  judge.CountKill();
  judge.CountKill();
  judge.Judge(5);
  EXPECT_EQ(judge.failed(), 2U);
  judge.CountKill();
  judge.Judge(5);
  EXPECT_EQ(judge.failed(), 2U);
}

TEST(KillJudge, AFaultWithoutANewKillFailsOne) {
  KillJudge judge;
  judge.CountKill();
  judge.Judge(0);
  judge.Judge(1);
  EXPECT_EQ(judge.failed(), 1U);
}

TEST(KillJudge, NeverFailsMoreKillsThanThereWere) {
  KillJudge judge;
  judge.CountKill();
  judge.Judge(1);
  judge.Judge(2);
  judge.Judge(3);
  EXPECT_EQ(judge.failed(), 1U);
}

}  // namespace
}  // namespace coupond::test

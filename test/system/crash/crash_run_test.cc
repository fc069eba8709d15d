#include "system/crash/crash_run.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

#include "support/temporary_directory.h"
#include "system/crash/crash_report.h"
#include "system/crash/fault_log.h"

// A short form of script/crash.
namespace coupond::test {
namespace {

CrashOptions Options(const TemporaryDirectory& directory, std::uint64_t seed) {
  return {.server = COUPOND_PATH,
          .audit = {},
          .data_directory = directory.path() / "data",
          .seed = seed,
          .kills = 8,
          .clients = 6};
}

class CrashRunTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(CrashRunTest, NothingIsLost) {
  // 0 stands for a new seed.
  const std::uint64_t seed = GetParam() == 0 ? std::random_device()() : GetParam();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  const TemporaryDirectory directory;
  const CrashOptions options = Options(directory, seed);
  FaultLog faults;
  const CrashResult result = CrashRun(options, faults).Run([](const CrashResult&) {});
  EXPECT_EQ(faults.total(), 0U) << CrashText(options, result, faults);
  EXPECT_EQ(result.kills, options.kills);
  EXPECT_EQ(result.failed_kills, 0U);
  EXPECT_GT(result.restarts, 0U);
  // Of a new seed, every kill may come before anything has been issued.
  if (GetParam() == 0) return;
  EXPECT_GT(result.totals.coupons_checked, 0U);
  EXPECT_GT(result.totals.acknowledged_redemptions, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seed, CrashRunTest, testing::Values(1, 2, 0));

TEST(CrashRun, AServerThatDoesNotStartIsAFault) {
  const TemporaryDirectory directory;
  CrashOptions options = Options(directory, 1);
  options.server = "/bin/true";
  FaultLog faults;
  const CrashResult result = CrashRun(options, faults).Run([](const CrashResult&) {});
  EXPECT_GT(faults.count(FaultKind::kUnexpected), 0U);
  EXPECT_GT(result.failed_kills, 0U);
}

}  // namespace
}  // namespace coupond::test

// Output that cannot be written is a failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"

namespace coupond::test {
namespace {

using testing::HasSubstr;

TEST(AuditCommands, ExitWith3AndSayItWhenTheirOutputIsNotTaken) {
  PlantedStore store;
  store.MakeViews();
  const std::string directory = store.path().string();
  for (const char* const command :
       {"verify ", "verify --json ", "replay ", "replay --json ", "log ", "log --campaign 1 ",
        "export --campaign 1 ", "export --campaign 1 --format jsonl ", "repair "}) {
    const AuditRun run = RunAudit(command + directory + " >/dev/full");
    EXPECT_EQ(run.exit_code, kCannotRead) << command;
    EXPECT_THAT(run.err, HasSubstr("cannot write to standard output (No space left on device)"))
        << command;
  }
  EXPECT_THAT(RunAudit("verify " + directory + " >/dev/full").err,
              HasSubstr("; the verification has finished: the store is sound\n"));
  EXPECT_THAT(RunAudit("repair " + directory + " >/dev/full").err,
              HasSubstr("; nothing was changed\n"));
  for (const char* const closed : {" >&-", " >&- 2>&-"}) {
    EXPECT_EQ(RunAudit("verify " + directory + closed).exit_code, kCannotRead) << closed;
  }
}

}  // namespace
}  // namespace coupond::test

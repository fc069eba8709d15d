#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "coupon_audit/compare/verification.h"
#include "storage/views/view_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// How the views are audited beside the log.
namespace coupond::test {
namespace {

audit::VerificationReport ReportOn(const PlantedStore& store) {
  auto report = audit::Verify(store.path(), [](GroupNumber, GroupNumber) {});
  EXPECT_TRUE(report.has_value());
  return report.value_or(audit::VerificationReport());
}

TEST(ViewAudit, ViewsThatLagBehindAreComparedAtTheirCheckpoint) {
  PlantedStore store;
  store.MakeViews();
  store.Add(At(14), {IssuedEvent(kSpring, 5), DeletedEvent(kSummer),
                     CreatedEvent(4, "winter", 5, 11, At(14)), IssuedEvent(4, 11)});
  store.WriteFiles();
  const audit::VerificationReport report = ReportOn(store);
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.views, audit::ViewsState::kPresent);
  EXPECT_EQ(report.views_checkpoint, GroupNumber(kBaseGroups));
  // Two campaigns with an index row and a row of serials each, five runs, two runs of claims, two
  // rows of users' coupons, the deleted campaign's id and its index row, the one that sold out, and
  // the checkpoint.
  EXPECT_EQ(report.view_rows_compared, 19U);
}

TEST(ViewAudit, ALargeGroupHasSeveralRunsOfACampaign) {
  PlantedStore store;
  store.Add(At(14), {CreatedEvent(4, "winter", 700, 11, At(14))});
  std::vector<Event> events;
  for (std::uint64_t serial = 11; serial < 611; ++serial) {
    if (serial == 300) events.emplace_back(DeletedEvent(kSummer));
    if (serial % 5 == 0) {
      events.emplace_back(IssuedEvent(4, serial));
    } else {
      events.emplace_back(IssuedToEvent(4, serial, "user " + std::to_string(serial)));
    }
  }
  store.Add(At(15), events);
  store.Add(At(16), {ErasedEvent(4, {12, 303})});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, WhatBecomesOfCouponsIsCompared) {
  PlantedStore store;
  store.AddCouponLives();
  store.MakeViews();
  const audit::VerificationReport report = ReportOn(store);
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.coupons, 9U);
  EXPECT_EQ(report.codes_checked, 9U);
  // One run, four statuses with a row of their state each, a row of serials, two requests, and a
  // campaign that sold out again more.
  EXPECT_EQ(report.view_rows_compared, 32U);
}

TEST(ViewAudit, StatusesAreComparedAsTheyWereAtTheCheckpoint) {
  PlantedStore store;
  store.AddCouponLives();
  store.MakeViews();
  store.Add(At(16), {CanceledEvent(kSpring, 2, 14), VoidedEvent(kSpring, 2),
                     RedeemedEvent(kSpring, 1, "request 3"), DeletedEvent(kSummer)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, StatusesAndSerialsGoWithTheirCampaign) {
  PlantedStore store;
  store.AddCouponLives();
  store.Add(At(16), {RedeemedEvent(kSummer, 6, "request 3"), VoidedEvent(kSummer, 7),
                     DeletedEvent(kSummer)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, AStatusIsComparedAsTheLastEventLeftIt) {
  PlantedStore store;
  store.AddCouponLives();
  store.Add(At(16), {RedeemedEvent(kSpring, 1), CanceledEvent(kSpring, 1, 21),
                     RedeemedEvent(kSpring, 1, "request 3"),
                     ReturnedEvent(kSpring, 3, SerialRange{Serial(1'035), 1'024})});
  store.Add(At(17), {CanceledEvent(kSpring, 2, 14), VoidedEvent(kSpring, 2, "a leak"),
                     IssuedToEvent(kSpring, 5, "sora"), IssuedEvent(kSpring, 1'035),
                     RedeemedEvent(kSpring, 1'035)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, ADeletionEndsTheRunsOfItsGroup) {
  PlantedStore store;
  store.Add(At(14), {CreatedEvent(4, "winter", 5, 11, At(14)), IssuedEvent(4, 11),
                     IssuedToEvent(4, 12, "a"), DeletedEvent(kSummer), IssuedToEvent(4, 13, "b"),
                     IssuedEvent(kSpring, 5)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, AChangedCampaignIsComparedAsItIs) {
  const std::vector<MetadataEntry> metadata = {{.key = "a", .value = "1"},
                                               {.key = "b", .value = ""}};
  const TermChanges changes{.name = "sprung",
                            .total_coupons = 7,
                            .end_time = At(20),
                            .description = "described",
                            .metadata = metadata};
  PlantedStore store;
  store.Add(At(14), {UpdatedEvent(kSpring, changes, SerialRange{Serial(11), 2}),
                     CreatedEvent(4, "winter", 5, 13, At(14)), IssuedEvent(kSpring, 5)});
  store.Add(At(15), {UpdatedEvent(kSpring, {.total_coupons = 9}, SerialRange{Serial(18), 2}),
                     IssuedToEvent(kSpring, 11, "sora"),
                     PausedEvent(kSpring, {.issuing = true, .redeeming = true}),
                     ResumedEvent(kSpring, {.issuing = true}), IssuedEvent(kSpring, 12)});
  store.Add(At(16), {IssuedToEvent(kSpring, 18, "joon")});
  store.Add(At(17), {UpdatedEvent(kSpring, {.total_coupons = 8}), ArchivedEvent(kSpring)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  AlterSpring([](auto& row) { row.mutable_serials(2)->set_first(17); })(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_altered at group 10, campaign 1");
}

TEST(ViewAudit, AFreedClaimIsComparedAsTheLastEventLeftIt) {
  PlantedStore store;
  store.AddLimitedCampaign();
  store.Add(At(16), {ReturnedEvent(4, 11, SerialRange{Serial(16), 1'024}), VoidedEvent(4, 13),
                     FreedEvent(VoidedEvent(4, 13)), IssuedToOnRequestEvent(4, 15, "minji", 0xB1)});
  store.Add(At(17), {ReturnedEvent(4, 13), VoidedEvent(4, 15)});
  store.Add(At(18), {FreedEvent(VoidedEvent(4, 15))});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, TimesAreKeptAsTheTermsWereWhenTheCouponsWereIssued) {
  PlantedStore store;
  store.AddLimitedCampaign();
  store.Add(At(16), {IssuedEvent(4, 15), UpdatedEvent(4, {.valid_duration = kUnlimited}),
                     UpdatedEvent(4, {.total_coupons = 9}, SerialRange{Serial(16), 4}),
                     IssuedToOnRequestEvent(4, 16, "sora", 0xB3)});
  store.Add(At(17), {IssuedEvent(4, 17), IssuedToOnRequestEvent(4, 18, "sora", 0xB4)});
  store.Add(At(18), {IssuedEvent(4, 19)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, ALogFaultIsReportedBeforeAViewFault) {
  PlantedStore store;
  store.MakeViews();
  store.DeleteViewRow(RunKeyOf(kSpring, 2));
  store.CloseViews();
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

/// Overwrites a tenth of the largest table, where the rows are.
void DamageRows(const std::filesystem::path& views) {
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::directory_iterator(views)) {
    if (entry.path().extension() != ".sst") continue;
    if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
      largest = entry.path();
    }
  }
  ASSERT_FALSE(largest.empty());
  const std::uintmax_t size = std::filesystem::file_size(largest);
  std::fstream file(largest, std::ios::binary | std::ios::in | std::ios::out);
  file << std::string(size / 10, 'x');
}

TEST(ViewAudit, ALogFaultIsReportedBeforeADamagedViewBlock) {
  PlantedStore store;
  store.MakeViews();
  DamageRows(store.path() / "views");
  EXPECT_EQ(VerdictOn(store.path()), "views_unreadable");
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

TEST(ViewAudit, ALogFaultIsReportedBeforeAMissingViewFile) {
  PlantedStore store;
  store.MakeViews();
  for (const auto& entry : std::filesystem::directory_iterator(store.path() / "views")) {
    if (entry.path().extension() == ".sst") std::filesystem::remove(entry.path());
  }
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

TEST(ViewAudit, ALogFaultIsReportedBeforeUnreadableViews) {
  PlantedStore store;
  std::ofstream(store.path() / "views") << "no directory\n";
  EXPECT_EQ(VerdictOn(store.path()), "cannot read: io");
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

TEST(ViewAudit, ViewsThatAreRebuiltAnywayAreNoViolation) {
  PlantedStore none;
  EXPECT_EQ(ReportOn(none).views, audit::ViewsState::kNone);
  std::filesystem::create_directory(none.path() / "views");
  EXPECT_EQ(ReportOn(none).views, audit::ViewsState::kNone);

  PlantedStore marked;
  marked.MakeViews();
  std::ofstream(marked.path() / "views" / "DAMAGED") << "damaged\n";
  EXPECT_EQ(ReportOn(marked).views, audit::ViewsState::kMarkedDamaged);
  EXPECT_EQ(VerdictOn(marked.path()), "sound");

  PlantedStore other;
  other.MakeViews();
  AlterCheckpoint([](auto& row) { row.set_views_version(storage::kViewsVersion + 1); })(other);
  other.CloseViews();
  EXPECT_EQ(ReportOn(other).views, audit::ViewsState::kOfOtherVersion);
  EXPECT_EQ(VerdictOn(other.path()), "sound");
}

}  // namespace
}  // namespace coupond::test

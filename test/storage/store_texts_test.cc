#include "storage/store_texts.h"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/views/projection.h"
#include "storage/store_fixture.h"
#include "storage/text_search.h"
#include "support/stored_coupon.h"

// Texts of users in a whole store.
namespace coupond::storage {
namespace {

using test::FilesWith;
using test::IncompressibleText;
using test::Must;
using test::Outcome;
using test::StoreTest;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class StoreTextsTest : public StoreTest {
 protected:
  void SetUp() override {
    store_ = Must(Open());
    auto loaded = Projection::Load(store_->views());
    ASSERT_EQ(Outcome(loaded), "ok");
    projection_ = std::move(*loaded);
    const Status read = store_->log().Read(
        GroupNumber(1), [this](const CommitGroup& group, const GroupHash&) -> Status {
          return projection_->Add(group, store_->log().Tip());
        });
    ASSERT_EQ(Outcome(read), "ok");
  }

  /// Adds a group to the log and the views.
  void Add(std::vector<Event> events) {
    const LogTip tip = store_->log().Tip();
    const CommitGroup group{.number = tip.group.Next(),
                            .first_sequence = tip.sequence.Next(),
                            .commit_time = tip.time,
                            .events = std::move(events)};
    ASSERT_EQ(Outcome(store_->log().Append(group)), "ok");
    ASSERT_EQ(Outcome(projection_->Add(group, store_->log().Tip())), "ok");
    ASSERT_EQ(Outcome(store_->views().Write(projection_->Take())), "ok");
  }
  static CouponIssued IssueTo(std::uint64_t serial) {
    return {.campaign = CampaignNumber(1),
            .serial = Serial(serial),
            .holder = test::HolderOf(serial),
            .user_id = IncompressibleText(serial)};
  }
  static void MakeDirectory(const std::filesystem::path& directory) {
    ASSERT_TRUE(std::filesystem::create_directories(directory));
  }

  std::unique_ptr<Store> store_;
  std::optional<Projection> projection_;
  const std::atomic<bool> stop_{false};
};

TEST_F(StoreTextsTest, APurgedTextIsInNoFileOfTheStore) {
  Add({CampaignCreated{CampaignNumber(1), test::Id(1), {"one", 10, test::At(0)}, Serial(1)}});
  Add({IssueTo(1), IssueTo(2)});
  ASSERT_EQ(Outcome(store_->views().Flush()), "ok");
  ASSERT_THAT(FilesWith(path(), IncompressibleText(1)), SizeIs(2)) << "in the log and the views";
  Add({UserErased{.campaign = CampaignNumber(1), .serials = {Serial(1)}}});
  const Serial coupon(1);
  store_->texts().Hide({&coupon, 1});
  const Result<bool> purged =
      store_->texts().Purge({.groups = {GroupNumber(3)}, .campaigns = {CampaignNumber(1)}}, stop_);
  EXPECT_EQ(Must(purged), true);
  store_->texts().Forget({&coupon, 1});
  EXPECT_THAT(FilesWith(path(), IncompressibleText(1)), IsEmpty());
  EXPECT_THAT(FilesWith(path(), IncompressibleText(2)), SizeIs(2));
  EXPECT_EQ(Must(test::FindStored(store_->views(), CampaignNumber(1), 0))->user_id, "");
  EXPECT_EQ(Must(test::FindStored(store_->views(), CampaignNumber(1), 1))->user_id,
            IncompressibleText(2));
  projection_.reset();
  store_.reset();
  EXPECT_EQ(Reopen(), "ok with 4 groups");
}

TEST_F(StoreTextsTest, CopiesAreWhatRepairsPutAsideAndTheBackups) {
  EXPECT_THAT(store_->texts().FindCopies(), IsEmpty());
  MakeDirectory(path() / "removed-1");
  MakeDirectory(path() / "repair-scratch");
  test::WriteFile(path() / "removed-file", "not a directory");
  const std::filesystem::path backups = directory_.path() / "backups";
  store_->texts().SetBackupDirectory(backups);
  EXPECT_THAT(store_->texts().FindCopies(),
              ElementsAre(path() / "removed-1", path() / "repair-scratch"))
      << "there are no backups yet";
  MakeDirectory(backups / "monday");
  EXPECT_THAT(store_->texts().FindCopies(),
              ElementsAre(backups / "monday", path() / "removed-1", path() / "repair-scratch"));
}

}  // namespace
}  // namespace coupond::storage

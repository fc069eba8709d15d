#include "storage/store.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/file_descriptor.h"
#include "storage/files/env_files.h"
#include "storage/store_fixture.h"

namespace coupond::storage {
namespace {

using test::Must;
using test::Outcome;
using test::StoreTest;
using testing::HasSubstr;

TEST_F(StoreTest, BeginsWithStoreCreated) {
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "ok");
  EXPECT_EQ((*store)->log().Tip().group, GroupNumber(1));
  const Status read = (*store)->log().Read(
      GroupNumber(1), [&](const CommitGroup& group, const GroupHash&) -> Status {
        EXPECT_EQ(group.commit_time, clock_.Now());
        EXPECT_EQ(group.events, std::vector<Event>{(*store)->identity()});
        return {};
      });
  EXPECT_EQ(Outcome(read), "ok");
}

TEST_F(StoreTest, KeepsItsIdentity) {
  const StoreCreated before = (*Open())->identity();
  const auto store = Open();
  EXPECT_EQ((*store)->identity(), before);
  EXPECT_NE((*store)->identity().code_key, CodeKey{});
  EXPECT_FALSE((*store)->views_discarded());
}

TEST_F(StoreTest, IsPrivateToItsOwner) {
  const auto store = Open();
  const auto mode = [this](const char* name) {
    struct stat status{};
    EXPECT_EQ(::stat((path() / name).c_str(), &status), 0) << name;
    return status.st_mode & 0777U;
  };
  for (const char* directory : {"", "log", "views"}) EXPECT_EQ(mode(directory), 0700U) << directory;
  for (const char* file : {"FORMAT", "WATERMARK", "LOCK"}) EXPECT_EQ(mode(file), 0600U) << file;
}

TEST_F(StoreTest, ASecondOpenerLearnsWhoHoldsTheStore) {
  const auto store = Open();
  const auto second = Open();
  ASSERT_EQ(Outcome(second), "data_directory_in_use");
  EXPECT_EQ(second.error().message, path().string() + " is in use by process " +
                                        std::to_string(::getpid()) + "; stop it first");
}

TEST_F(StoreTest, OpensAgainAfterTheHolderEnded) {
  static_cast<void>(Open());
  EXPECT_EQ(Reopen(), "ok with 1 groups");
}

TEST_F(StoreTest, APathWithATrailingSlashIsTheSame) {
  CreateStore(3, 3);
  EXPECT_EQ(Outcome(Store::Open(path() / "", entropy_, clock_)), "ok");
}

TEST_F(StoreTest, TheParentMustBeThere) {
  const auto store = Store::Open(path() / "deeper", entropy_, clock_);
  ASSERT_EQ(Outcome(store), "io");
  EXPECT_THAT(store.error().message, HasSubstr("No such file or directory"));
  EXPECT_THAT(store.error().message, HasSubstr("; make the folder around it first"));
}

TEST_F(StoreTest, AFileIsNotADirectory) {
  test::WriteFile(path(), "something");
  EXPECT_EQ(Reopen(), "not_a_data_directory");
}

TEST_F(StoreTest, AnExistingEmptyDirectoryIsMadeDurable) {
  std::filesystem::create_directory(path());
  const FileDescriptor watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ASSERT_GE(::inotify_add_watch(watch.number(), directory_.path().c_str(), IN_OPEN), 0);
  EXPECT_EQ(Reopen(), "ok with 1 groups");
  // The parent itself is opened only to be synced; its entries have longer names.
  alignas(inotify_event) std::array<char, 65'536> events;
  const ssize_t size = ::read(watch.number(), events.data(), events.size());
  bool parent_opened = false;
  for (ssize_t at = 0; at < size;) {
    inotify_event event{};
    std::memcpy(&event, events.data() + at, sizeof event);
    parent_opened = parent_opened || event.len == 0;
    at += static_cast<ssize_t>(sizeof event + event.len);
  }
  EXPECT_TRUE(parent_opened);
}

TEST_F(StoreTest, ADirectoryInAnUnlistableParentOpens) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody who may not";
  constexpr uid_t kNobody = 65'534;
  std::filesystem::create_directory(path());
  ASSERT_EQ(::chown(path().c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0711), 0);
  ASSERT_EQ(::seteuid(kNobody), 0);
  const std::string outcome = Reopen();
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(outcome, "ok with 1 groups");
}

TEST_F(StoreTest, AForeignDirectoryIsRefusedAndUnchanged) {
  std::filesystem::create_directory(path());
  test::WriteFile(path() / "letter.txt", "dear");
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "not_a_data_directory");
  EXPECT_THAT(store.error().message, HasSubstr("letter.txt"));
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path())) ++entries;
  EXPECT_EQ(entries, 1U);
}

TEST_F(StoreTest, TheRootOfAFreshFileSystemIsNew) {
  std::filesystem::create_directories(path() / "lost+found");
  EXPECT_EQ(Reopen(), "ok with 1 groups");
}

TEST_F(StoreTest, AStoreWithoutItsFormatFileIsRefused) {
  CreateStore(5, 5);
  std::filesystem::remove(path() / "FORMAT");
  EXPECT_EQ(Reopen(), "not_a_data_directory");
  EXPECT_TRUE(std::filesystem::exists(Wal()));
}

TEST_F(StoreTest, AnEmptyOrDamagedFormatFileIsRefused) {
  CreateStore(5, 5);
  const std::string format = test::ReadFile(path() / "FORMAT");
  test::FlipBit(path() / "FORMAT", -5);
  EXPECT_EQ(Reopen(), "not_a_data_directory");
  test::WriteFile(path() / "FORMAT", "");
  EXPECT_EQ(Reopen(), "not_a_data_directory");
  test::WriteFile(path() / "FORMAT", format);
  EXPECT_EQ(Reopen(), "ok with 5 groups");
}

TEST_F(StoreTest, ANewerFormatIsRefused) {
  CreateStore(2, 2);
  test::WriteFile(path() / "FORMAT", "coupond data directory\nformat: 3\nand: more\n");
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "format_unsupported");
  EXPECT_THAT(store.error().message, HasSubstr("format 3"));
}

TEST_F(StoreTest, AnUnfinishedStoreIsCreatedAgain) {
  const StoreId unfinished = test::MakeId<StoreId>(9);
  CreateStore(5, 5);
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", {.state = StoreFormat::State::kCreating,
                                                         .store_id = unfinished})),
            "ok");
  EXPECT_EQ(Reopen(), "ok with 1 groups");
  EXPECT_EQ(Reopen(), "ok with 1 groups");
  EXPECT_NE((*Open())->identity().store_id, unfinished);
}

TEST_F(StoreTest, AnUnfinishedOlderStoreIsCreatedAgain) {
  CreateStore(5, 5);
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", {.state = StoreFormat::State::kCreating,
                                                         .store_id = test::MakeId<StoreId>(9),
                                                         .version = 1})),
            "ok");
  EXPECT_FALSE(IsOlderStore(path()));
  EXPECT_EQ(Reopen(), "ok with 1 groups");
  EXPECT_THAT(test::ReadFile(path() / "FORMAT"), HasSubstr("format: 2\nstate: complete"));
}

TEST_F(StoreTest, ACrashAtAnyStepOfCreationIsSurvived) {
  // The state of the disk after each step of creating one.
  CreateStore(1, 1);
  const std::filesystem::path whole = directory_.path() / "whole";
  std::filesystem::rename(path(), whole);
  const StoreFormat creating{.state = StoreFormat::State::kCreating, .store_id = {}};
  std::filesystem::create_directory(path());
  test::WriteFile(path() / "LOCK", "");
  EXPECT_EQ(Reopen(), "ok with 1 groups");
  for (const char* last : {"FORMAT", "log", "WATERMARK", "views"}) {
    std::filesystem::remove_all(path());
    std::filesystem::create_directory(path());
    ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", creating)), "ok");
    for (const char* name : {"log", "WATERMARK", "views"}) {
      if (std::string(last) == "FORMAT") break;
      std::filesystem::copy(whole / name, path() / name, std::filesystem::copy_options::recursive);
      if (std::string(last) == name) break;
    }
    EXPECT_EQ(Reopen(), "ok with 1 groups") << last;
  }
}

TEST_F(StoreTest, AMissingLogIsRefused) {
  CreateStore(5, 5);
  const std::filesystem::path away = directory_.path() / "away";
  std::filesystem::rename(path() / "log", away);
  EXPECT_EQ(Reopen(), "log_missing");
  std::filesystem::create_directory(path() / "log");
  EXPECT_EQ(Reopen(), "log_missing");
  std::filesystem::remove(path() / "log");
  std::filesystem::rename(away, path() / "log");
  EXPECT_EQ(Reopen(), "ok with 5 groups");
}

TEST_F(StoreTest, TheLogOfAnotherStoreIsRefused) {
  CreateStore(5, 5);
  const std::filesystem::path other = directory_.path() / "other";
  std::filesystem::rename(path(), other);
  CreateStore(5, 5);  // with other random bytes
  std::filesystem::remove_all(path() / "log");
  std::filesystem::rename(other / "log", path() / "log");
  EXPECT_EQ(Reopen(), "log_chain_broken");
  std::filesystem::rename(other / "WATERMARK", path() / "WATERMARK");
  EXPECT_EQ(Reopen(), "log_damaged");
}

TEST_F(StoreTest, MissingViewsBeginEmpty) {
  CreateStore(5, 5);
  std::filesystem::remove_all(path() / "views");
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "ok");
  EXPECT_FALSE((*store)->views_discarded());
  EXPECT_EQ(Must((*store)->views().ReadCheckpoint()), std::nullopt);
}

TEST_F(StoreTest, ViewsAreKept) {
  const Checkpoint checkpoint = WriteViews(**Open());
  EXPECT_EQ(Must((*Open())->views().ReadCheckpoint()), checkpoint);
}

TEST_F(StoreTest, ViewsAheadOfTheLogProveALoss) {
  CreateStore(2, 2);
  const std::filesystem::path older = directory_.path() / "older";
  std::filesystem::copy(path() / "log", older, std::filesystem::copy_options::recursive);
  {
    const auto store = Open();
    ASSERT_EQ(Outcome(test::AppendUpTo((*store)->log(), 5)), "ok");
    WriteViews(**store);
  }
  std::filesystem::remove_all(path() / "log");
  std::filesystem::rename(older, path() / "log");
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "log_behind_watermark");
  EXPECT_THAT(store.error().message, HasSubstr("ends at group 2, but group 5 was acknowledged"));
}

}  // namespace
}  // namespace coupond::storage

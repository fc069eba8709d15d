#include <rocksdb/db.h>

#include <functional>
#include <set>

#include "base/big_endian.h"
#include "storage/files/rocksdb_options.h"
#include "storage/format/commit_record.h"
#include "storage/store_fixture.h"

/// What a store does when its log is not as it was left: either everything acknowledged is there,
/// or the store is refused by name and stays as it is.
namespace coupond::storage {
namespace {

using test::Outcome;
using test::StoreTest;
using testing::HasSubstr;

class DamagedLogTest : public StoreTest {
 protected:
  /// Opens the store twice more, so that the groups move from the WAL into a table.
  void MoveToTable() {
    static_cast<void>(Open());
    static_cast<void>(Open());
    ASSERT_FALSE(LogFiles(".sst").empty());
  }
  /// Reads the whole log, as recovery does.
  std::string ReadAll() {
    const auto store = Open();
    if (!store) return Outcome(store);
    return Outcome((*store)->log().Read(
        GroupNumber(1), [](const CommitGroup&, const GroupHash&) -> Status { return {}; }));
  }
  static std::string Key(std::uint64_t group) {
    std::string key;
    AppendBigEndian(key, group);
    return key;
  }
  /// Changes the log behind its back.
  void Tamper(const std::function<void(rocksdb::DB& db)>& change) {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(LogOptions(nullptr), path() / "log", &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    change(*db);
  }
  static std::string Get(rocksdb::DB& db, std::uint64_t group) {
    std::string value;
    EXPECT_TRUE(db.Get(rocksdb::ReadOptions(), Key(group), &value).ok());
    return value;
  }
  static void Put(rocksdb::DB& db, std::uint64_t group, const std::string& value) {
    EXPECT_TRUE(db.Put(rocksdb::WriteOptions(), Key(group), value).ok());
  }
  /// Alters a group. It stays well-formed, and its hash is made to fit, so that only the next group
  /// shows the change.
  void AlterGroup(std::uint64_t number) {
    Tamper([number](rocksdb::DB& db) {
      std::string value = Get(db, number);
      EventCodec codec;
      CommitGroup group = *codec.Decode(*ParseRecord(value));
      std::get<CouponIssued>(group.events[0]).serial = Serial(12'345);
      codec.Write(group, ParseRecord(Get(db, number - 1))->hash, value);
      Put(db, number, value);
    });
  }
};

TEST_F(DamagedLogTest, AnUnacknowledgedTornRecordIsDropped) {
  CreateStore(5, 4);
  test::CutOff(Wal(), 10);
  EXPECT_EQ(Reopen(), "ok with 4 groups");
  EXPECT_EQ(ReadAll(), "ok");
  AppendToStore(7);
  EXPECT_EQ(Reopen(), "ok with 7 groups");
}

TEST_F(DamagedLogTest, AnAcknowledgedTornRecordIsRefused) {
  CreateStore(5, 5);
  test::CutOff(Wal(), 10);
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "log_behind_watermark");
  EXPECT_THAT(store.error().message, HasSubstr("ends at group 4, but group 5 was acknowledged"));
}

TEST_F(DamagedLogTest, NoCutOfTheWalLosesWhatWasAcknowledged) {
  CreateStore(6, 4);
  const std::string wal = test::ReadFile(Wal());
  const std::filesystem::path whole = directory_.path() / "whole";
  std::filesystem::copy(path(), whole, std::filesystem::copy_options::recursive);
  const std::filesystem::path name = Wal().filename();
  std::set<std::string> seen;
  for (std::size_t size = 0; size < wal.size(); size += 13) {
    std::filesystem::remove_all(path());
    std::filesystem::copy(whole, path(), std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(path() / "log" / name, size);
    const std::string outcome = Reopen();
    seen.insert(outcome);
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAre("log_behind_watermark", "ok with 4 groups",
                                                  "ok with 5 groups"));
}

TEST_F(DamagedLogTest, NoFlippedBitOfTheWalLosesWhatWasAcknowledged) {
  CreateStore(6, 6);
  const std::filesystem::path whole = directory_.path() / "whole";
  std::filesystem::copy(path(), whole, std::filesystem::copy_options::recursive);
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(Wal()));
  const std::filesystem::path name = Wal().filename();
  for (std::int64_t offset = 0; offset < size; offset += 11) {
    std::filesystem::remove_all(path());
    std::filesystem::copy(whole, path(), std::filesystem::copy_options::recursive);
    test::FlipBit(path() / "log" / name, offset);
    EXPECT_THAT(Reopen(), testing::AnyOf("log_damaged", "log_behind_watermark")) << offset;
  }
}

TEST_F(DamagedLogTest, AFlippedBitIsNotTakenForATornTail) {
  // Above the watermark a torn tail may be dropped, but not a hole with whole records behind it.
  CreateStore(6, 1);
  test::FlipBit(Wal(), static_cast<std::int64_t>(std::filesystem::file_size(Wal()) / 2));
  EXPECT_EQ(Reopen(), "log_damaged");
}

TEST_F(DamagedLogTest, ARefusedStoreOpensOnceTheFilesAreBack) {
  CreateStore(5, 5);
  const std::filesystem::path wal = Wal();
  const std::string contents = test::ReadFile(wal);
  for (const std::size_t size : {contents.size() - 10, contents.size() / 2, std::size_t{0}}) {
    std::filesystem::resize_file(wal, size);
    EXPECT_EQ(Reopen(), "log_behind_watermark") << size;
    test::WriteFile(wal, contents);
  }
  std::filesystem::remove(wal);
  EXPECT_EQ(Reopen(), "log_behind_watermark");
  test::WriteFile(wal, contents);
  EXPECT_EQ(Reopen(), "ok with 5 groups");
  EXPECT_EQ(ReadAll(), "ok");
}

TEST_F(DamagedLogTest, ADamagedTableIsRefusedWhereItIsRead) {
  CreateStore(400, 400);
  MoveToTable();
  const std::filesystem::path table = LogFiles(".sst").back();
  const std::string contents = test::ReadFile(table);
  for (const double place : {0.01, 0.3, 0.6, 0.9}) {
    test::FlipBit(table, static_cast<std::int64_t>(place * static_cast<double>(contents.size())));
    EXPECT_EQ(ReadAll(), "log_damaged") << place;
    test::WriteFile(table, contents);
  }
  EXPECT_EQ(ReadAll(), "ok");
  std::filesystem::remove(table);
  EXPECT_EQ(ReadAll(), "log_damaged");
}

TEST_F(DamagedLogTest, ADamagedManifestIsRefused) {
  CreateStore(5, 5);
  MoveToTable();
  for (const auto& entry : std::filesystem::directory_iterator(path() / "log")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) test::FlipBit(entry.path(), 40);
  }
  EXPECT_EQ(Reopen(), "log_damaged");
}

TEST_F(DamagedLogTest, AnAlteredGroupBreaksTheChain) {
  CreateStore(9, 9);
  AlterGroup(5);
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "log_chain_broken");
  EXPECT_THAT(store.error().message, HasSubstr("group 6 of the log in " + path().string()));
}

TEST_F(DamagedLogTest, GroupsInTheViewsAreReadOnlyOnDemand) {
  CreateStore(9, 9);
  WriteViews(**Open());
  AlterGroup(5);
  EXPECT_EQ(Reopen(), "ok with 9 groups");
  EXPECT_EQ(ReadAll(), "log_chain_broken");
}

TEST_F(DamagedLogTest, AWrongGroupIsRefusedBeforeAnythingChanges) {
  CreateStore(3, 3);
  WriteViews(**Open());
  AppendToStore(10);
  ASSERT_EQ(Outcome(test::AppendUpTo((*Open())->log(), 12)), "ok");
  AlterGroup(7);  // after the checkpoint, before the watermark, which is before the tip
  const auto before = Contents();
  EXPECT_EQ(Reopen(), "log_chain_broken");
  EXPECT_EQ(Contents(), before);
  std::filesystem::remove_all(path() / "views");
  EXPECT_EQ(Reopen(), "log_chain_broken");
  EXPECT_FALSE(std::filesystem::exists(path() / "views"));
}

TEST_F(DamagedLogTest, TheViewsAreNotBlamedForTheLogsGroup) {
  CreateStore(3, 3);
  WriteViews(**Open());
  AppendToStore(9);
  Tamper([](rocksdb::DB& db) { Put(db, 3, "short"); });
  const auto before = Contents();
  EXPECT_EQ(Reopen(), "log_undecodable");
  EXPECT_EQ(Contents(), before);
}

TEST_F(DamagedLogTest, DamagedViewsStayUntilTheLogIsFoundWhole) {
  CreateStore(9, 9);
  WriteViews(**Open());
  AlterGroup(5);
  test::WriteFile(path() / "views" / "DAMAGED", "");
  const auto before = Contents();
  EXPECT_EQ(Reopen(), "log_chain_broken");
  EXPECT_EQ(Contents(), before);
}

TEST_F(DamagedLogTest, AnAlteredLastGroupIsRefusedAtOpen) {
  CreateStore(9, 9);
  Tamper([](rocksdb::DB& db) { Put(db, 9, Get(db, 8)); });
  EXPECT_EQ(Reopen(), "log_chain_broken");
}

TEST_F(DamagedLogTest, ARewrittenHistoryDoesNotMatchTheWatermark) {
  CreateStore(9, 9);
  Tamper([](rocksdb::DB& db) {
    std::string value = Get(db, 9);
    EventCodec codec;
    CommitGroup group = *codec.Decode(*ParseRecord(value));
    group.events.pop_back();
    codec.Write(group, ParseRecord(Get(db, 8))->hash, value);
    Put(db, 9, value);
  });
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "log_chain_broken");
  EXPECT_THAT(store.error().message, HasSubstr("WATERMARK says"));
}

TEST_F(DamagedLogTest, AMissingGroupIsAGap) {
  CreateStore(9, 9);
  Tamper([](rocksdb::DB& db) { EXPECT_TRUE(db.Delete(rocksdb::WriteOptions(), Key(5)).ok()); });
  EXPECT_EQ(ReadAll(), "log_gap");
  Tamper([](rocksdb::DB& db) { EXPECT_TRUE(db.Delete(rocksdb::WriteOptions(), Key(8)).ok()); });
  EXPECT_EQ(Reopen(), "log_gap");
}

TEST_F(DamagedLogTest, GroupsOutOfOrderAreRefusedDespiteRightHashes) {
  struct Case {
    const char* outcome;
    std::function<void(CommitGroup& group)> change;
  };
  const Case cases[] = {
      {"log_gap", [](CommitGroup& group) { group.number = GroupNumber(7); }},
      {"log_gap", [](CommitGroup& group) { group.first_sequence = group.first_sequence.Next(); }},
      {"log_undecodable", [](CommitGroup& group) { group.commit_time = test::At(-1); }},
  };
  for (const Case& wrong : cases) {
    CreateStore(5, 1);
    Tamper([&wrong](rocksdb::DB& db) {
      const std::string previous = Get(db, 5);
      EventCodec codec;
      const CommitGroup last = *codec.Decode(*ParseRecord(previous));
      CommitGroup group = test::CouponsAfter({.group = last.number,
                                              .sequence = last.last_sequence(),
                                              .time = last.commit_time,
                                              .hash = {}});
      wrong.change(group);
      std::string value;
      codec.Write(group, ParseRecord(previous)->hash, value);
      Put(db, 6, value);
    });
    EXPECT_EQ(Reopen(), wrong.outcome);
    std::filesystem::remove_all(path());
  }
}

TEST_F(DamagedLogTest, AKeyOrRecordOfAnotherKindIsUndecodable) {
  CreateStore(5, 5);
  Tamper([](rocksdb::DB& db) { Put(db, 6, "short"); });
  EXPECT_EQ(Reopen(), "log_undecodable");
  Tamper([](rocksdb::DB& db) {
    EXPECT_TRUE(db.Put(rocksdb::WriteOptions(), "\xff other", "value").ok());
  });
  EXPECT_EQ(Reopen(), "log_undecodable");
}

}  // namespace
}  // namespace coupond::storage

#include <fcntl.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <functional>
#include <set>
#include <thread>

#include "faults/faulty_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/store_fixture.h"
#include "storage/views/view_changes.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"

/// Views that are not as they were left: a store discards them, but only if they are the cause of
/// the trouble.
namespace coupond::storage {
namespace {

using test::Must;
using test::Outcome;
using test::StoreTest;
using testing::HasSubstr;

/// An operation on the views that returns whether it succeeded.
struct Operation {
  const char* name;
  std::function<Status(RocksDbViewStore& views)> run;
};

template <typename T>
Status WithoutValue(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

Status ReadCampaign(const ViewStore& views) {
  return WithoutValue(views.FindCampaign(test::IdOf(1)));
}
Status List(const ViewStore& views) {
  return WithoutValue(views.ListCampaigns(CampaignNumber(0), 10));
}
Status ReadRun(const ViewStore& views) {
  return WithoutValue((*views.OpenCoupons(CampaignNumber(1), {}))->Next());
}
Status ReadClaims(const ViewStore& views) {
  return views.ReadClaims([](const ClaimRun&) {});
}
Status Erase(ViewStore& views) {
  ViewChanges changes = test::ChangesAt(9);
  changes.erased_campaigns = {test::SomeCampaign(1)};
  return views.Write(changes);
}
/// Goes on until RocksDB has compacted what is there.
Status WriteMuch(ViewStore& views) {
  Status done;
  for (std::uint64_t i = 0; done && i < 200; ++i) {
    done = views.Write(test::ChangesAt(9 + i));
    if (done) done = views.Flush();
  }
  return done;
}
Status FlushMuch(ViewStore& views) {
  Status flushed;
  for (std::uint64_t i = 0; flushed && i < 200; ++i) {
    if (!views.Write(test::ChangesAt(9 + i))) break;
    flushed = views.Flush();
  }
  return views.Flush();
}

class DamagedViewsTest : public StoreTest {
 protected:
  [[nodiscard]] std::filesystem::path views() const { return path() / "views"; }
  [[nodiscard]] bool Marked() const { return std::filesystem::exists(views() / "DAMAGED"); }

  /// Creates views with a row of each kind, and the checkpoint in a table of its own.
  void FillViews() {
    const auto store = Open();
    ASSERT_EQ(Outcome(store), "ok");
    ViewChanges changes = test::ChangesAt(1);
    test::AddNew(changes, test::SomeCampaign(1));
    changes.runs = {test::Coupons(1, 0, 10)};
    changes.claims = {{CampaignNumber(1), 0, test::At(0), {{3, test::ClaimOf(1)}}}};
    ASSERT_EQ(Outcome((*store)->views().Write(changes)), "ok");
    ASSERT_EQ(Outcome((*store)->views().Flush()), "ok");
    WriteViews(**store);
  }
  [[nodiscard]] std::vector<std::filesystem::path> Tables() const {
    std::set<std::filesystem::path> tables;
    for (const auto& entry : std::filesystem::directory_iterator(views())) {
      if (entry.path().extension() == ".sst") tables.insert(entry.path());
    }
    return {tables.begin(), tables.end()};
  }
  /// Damages the rows in a table. They are at its beginning; opening looks only at its end.
  static void DamageRows(const std::filesystem::path& table) {
    const int file = ::open(table.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_EQ(::pwrite(file, "xxxxxxxx", 8, 20), 8);
    ::close(file);
  }
  /// Puts a row directly into the database.
  void PutRow(const std::string& key, const std::string& value) {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(ViewDatabaseOptions(nullptr), views(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), key, value).ok());
    ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
  }

  /// Opens a store whose damaged views are not noticed at open, meets the damage, and opens again.
  void ExpectANewBeginningAfter(const Operation& operation) {
    {
      const auto store = Open();
      ASSERT_EQ(Outcome(store), "ok");
      ASSERT_FALSE((*store)->views_discarded());
      const Status done = operation.run(dynamic_cast<RocksDbViewStore&>((*store)->views()));
      ASSERT_EQ(Outcome(done), "views_damaged");
      EXPECT_THAT(done.error().message, HasSubstr("rebuilt from the log at the next start"));
    }
    EXPECT_TRUE(Marked());
    const auto store = Open();
    ASSERT_EQ(Outcome(store), "ok");
    ASSERT_TRUE((*store)->views_discarded());
    EXPECT_EQ((*store)->views_discarded()->code, ErrorCode::kViewsDamaged);
    EXPECT_THAT((*store)->views_discarded()->message, HasSubstr("found damaged while in use"));
    EXPECT_FALSE(Marked());
    EXPECT_EQ(Must((*store)->views().ReadCheckpoint()), std::nullopt);
    EXPECT_EQ(Outcome(Erase((*store)->views())), "ok");
    EXPECT_EQ(Outcome((*store)->views().Flush()), "ok");
    EXPECT_EQ(Outcome((*store)->views().Clear()), "ok");
  }
};

TEST_F(DamagedViewsTest, AreDiscardedAtOpenWithAReason) {
  CreateStore(5, 5);
  for (const std::string damage : {"CURRENT", "MANIFEST", ".sst", "gone.sst", "gone.CURRENT"}) {
    WriteViews(**Open());
    std::size_t damaged = 0;
    for (const auto& entry : std::filesystem::directory_iterator(views())) {
      const std::string name = entry.path().filename();
      if (damage.starts_with("gone.") && name.ends_with(damage.substr(5))) {
        damaged += std::filesystem::remove(entry.path()) ? 1 : 0;
      } else if (name.starts_with(damage) || name.ends_with(damage)) {
        test::WriteFile(entry.path(), std::string(entry.file_size(), 'x'));
        ++damaged;
      }
    }
    ASSERT_GT(damaged, 0U) << damage;
    const auto store = Open();
    ASSERT_EQ(Outcome(store), "ok") << damage;
    EXPECT_TRUE((*store)->views_discarded()) << damage;
    EXPECT_EQ(Must((*store)->views().ReadCheckpoint()), std::nullopt) << damage;
    EXPECT_EQ((*store)->log().Tip().group, GroupNumber(5)) << damage;
  }
}

TEST_F(DamagedViewsTest, OfAnotherStoreAreDiscarded) {
  WriteViews(**Open());
  const std::filesystem::path other = directory_.path() / "other";
  std::filesystem::rename(path(), other);
  CreateStore(3, 3);
  std::filesystem::remove_all(views());
  std::filesystem::rename(other / "views", views());
  EXPECT_TRUE((*Open())->views_discarded());
}

TEST_F(DamagedViewsTest, ReadingDamagedRowsMakesTheNextStartRebuild) {
  const Operation operations[] = {{"find", ReadCampaign}, {"list", List},
                                  {"cursor", ReadRun},    {"claims", ReadClaims},
                                  {"write", WriteMuch},   {"flush", FlushMuch}};
  for (const Operation& operation : operations) {
    SCOPED_TRACE(operation.name);
    FillViews();
    DamageRows(Tables().front());
    ExpectANewBeginningAfter(operation);
    if (HasFailure()) return;
  }
}

TEST_F(DamagedViewsTest, AnUndecodableRowMakesTheNextStartRebuild) {
  struct Case {
    std::string key;
    Operation operation;
  };
  const CampaignNumber campaign(1);
  const Case cases[] = {{CampaignKey(campaign), {"find", ReadCampaign}},
                        {CampaignKey(campaign), {"list", List}},
                        {CampaignIndexKey(test::IdOf(1)), {"find by index", ReadCampaign}},
                        {RunKey(campaign, 9), {"cursor", ReadRun}},
                        {ClaimsKey(campaign, 0), {"claims", ReadClaims}}};
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.operation.name);
    FillViews();
    PutRow(wrong.key, "\xff\xff");
    ExpectANewBeginningAfter(wrong.operation);
    if (HasFailure()) return;
  }
}

TEST_F(DamagedViewsTest, AreMarkedByTheReaderOfTheCheckpointToo) {
  FillViews();
  DamageRows(Tables().back());
  const auto store = RocksDbViewStore::Open(views());
  ASSERT_EQ(Outcome(store), "ok");
  EXPECT_EQ(Outcome((*store)->ReadCheckpoint()), "views_damaged");
  EXPECT_TRUE(Marked());
  EXPECT_EQ(Outcome((*store)->Clear()), "ok");
  EXPECT_FALSE(Marked());
  EXPECT_EQ(Must((*store)->ReadCheckpoint()), std::nullopt);
}

TEST_F(DamagedViewsTest, DoNotOpenOnceTheyAreMarked) {
  FillViews();
  DamageRows(Tables().front());
  EXPECT_EQ(Outcome(List(**RocksDbViewStore::Open(views()))), "views_damaged");
  const auto marked = RocksDbViewStore::Open(views());
  ASSERT_EQ(Outcome(marked), "views_damaged");
  EXPECT_THAT(marked.error().message, HasSubstr("found damaged while in use"));
}

TEST_F(DamagedViewsTest, MayBeFoundByManyReadersAtOnce) {
  FillViews();
  DamageRows(Tables().front());
  const auto store = RocksDbViewStore::Open(views());
  ASSERT_EQ(Outcome(store), "ok");
  const auto cursor = (*store)->OpenCoupons(CampaignNumber(1), {});
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&store] {
      EXPECT_EQ(Outcome(ReadCampaign(**store)), "views_damaged");
      EXPECT_EQ(Outcome(List(**store)), "views_damaged");
    });
  }
  EXPECT_EQ(Outcome((*cursor)->Next()), "views_damaged");
  for (std::thread& reader : readers) reader.join();
  EXPECT_TRUE(Marked());
}

TEST_F(DamagedViewsTest, ThatCannotBeMarkedSayWhatToDo) {
  FillViews();
  DamageRows(Tables().front());
  const auto store = RocksDbViewStore::Open(views());
  ASSERT_EQ(Outcome(store), "ok");
  std::filesystem::create_directories(views() / "DAMAGED.new");  // obstructs the mark
  const Status read = List(**store);
  ASSERT_EQ(Outcome(read), "views_damaged");
  EXPECT_THAT(read.error().message, HasSubstr("remove " + views().string()));
}

TEST_F(DamagedViewsTest, HealthyViewsOpenElsewhereAreKept) {
  FillViews();
  {
    const auto holder = RocksDbViewStore::Open(views());
    ASSERT_EQ(Outcome(holder), "ok");
    const auto before = Tables();
    EXPECT_EQ(Reopen(), "io");
    EXPECT_EQ(Tables(), before);
  }
  const auto store = Open();
  EXPECT_FALSE((*store)->views_discarded());
  EXPECT_NE(Must((*store)->views().ReadCheckpoint()), std::nullopt);
}

TEST_F(DamagedViewsTest, AreNotDiscardedWhileOpenElsewhere) {
  FillViews();
  DamageRows(Tables().back());
  {
    const auto holder = RocksDbViewStore::Open(views());
    ASSERT_EQ(Outcome(holder), "ok");
    EXPECT_EQ(Reopen(), "io");
    EXPECT_FALSE(Tables().empty());
  }
  EXPECT_TRUE((*Open())->views_discarded());
}

TEST_F(DamagedViewsTest, HealthyViewsThatCannotOpenNowAreKept) {
  FillViews();
  // As when the process has too many open files.
  test::FaultyFiles files(directory_.path());
  files.Inject({.operation = test::FileOperation::kOpenForReading, .path_part = ".sst"});
  const auto before = Contents();
  EXPECT_EQ(Outcome(Store::Open(path(), entropy_, clock_, files.env())), "io");
  EXPECT_EQ(Contents(), before);
  EXPECT_FALSE((*Open())->views_discarded());
}

TEST_F(DamagedViewsTest, AFileInTheirPlaceIsKept) {
  CreateStore(2, 2);
  std::filesystem::remove_all(views());
  test::WriteFile(views(), "something");
  EXPECT_EQ(Reopen(), "io");
  EXPECT_EQ(test::ReadFile(views()), "something");
}

}  // namespace
}  // namespace coupond::storage

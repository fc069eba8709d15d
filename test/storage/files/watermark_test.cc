#include "storage/files/watermark.h"

#include <rocksdb/env.h>
#include <sys/stat.h>

#include <future>
#include <new>

#include "storage/store_fixture.h"
#include "storage/watermark_keeper.h"

namespace coupond::storage {
namespace {

using std::chrono::milliseconds;
using test::Must;
using test::Outcome;
using test::StoreTest;

Watermark At(std::uint64_t group) {
  Watermark watermark{.group = GroupNumber(group), .hash = {}};
  watermark.hash.fill(static_cast<std::uint8_t>(group));
  return watermark;
}

class WatermarkTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "WATERMARK"; }

  test::TemporaryDirectory directory_;
};

TEST_F(WatermarkTest, IsReadBackAsWritten) {
  for (const std::uint64_t group : {std::uint64_t{0}, std::uint64_t{77}, ~std::uint64_t{0}}) {
    ASSERT_EQ(Outcome(WriteWatermark(file(), At(group))), "ok");
    EXPECT_EQ(Must(ReadWatermark(file())), At(group));
  }
}

TEST_F(WatermarkTest, EveryFlippedBitAndEveryCutIsNoticed) {
  ASSERT_EQ(Outcome(WriteWatermark(file(), At(123'456))), "ok");
  const std::string good = test::ReadFile(file());
  for (std::size_t byte = 0; byte < good.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[byte] = static_cast<char>(bad[byte] ^ (1 << bit));
      test::WriteFile(file(), bad);
      ASSERT_EQ(Outcome(ReadWatermark(file())), "watermark_damaged") << byte << " " << bit;
    }
    test::WriteFile(file(), good.substr(0, byte));
    ASSERT_EQ(Outcome(ReadWatermark(file())), "watermark_damaged") << byte;
  }
  test::WriteFile(file(), good + "more");
  EXPECT_EQ(Outcome(ReadWatermark(file())), "watermark_damaged");
  test::WriteFile(file(), std::string(1'000'000, 'x'));
  EXPECT_EQ(Outcome(ReadWatermark(file())), "watermark_damaged");
}

TEST_F(WatermarkTest, AMissingFileHasItsOwnError) {
  EXPECT_EQ(Outcome(ReadWatermark(file())), "watermark_missing");
}

TEST_F(WatermarkTest, TheKeeperFollowsByItself) {
  ASSERT_EQ(Outcome(WriteWatermark(file(), At(1))), "ok");
  WatermarkKeeper keeper(file(), At(1), milliseconds(1));
  keeper.Start([](const Error& error) { ADD_FAILURE() << error.message; });
  for (std::uint64_t group = 2; group < 6; ++group) {
    keeper.Advance(At(group));
    while (ReadWatermark(file()) != At(group)) std::this_thread::yield();
  }
}

TEST_F(WatermarkTest, TheKeeperDoesNotWriteTwiceWithinAnInterval) {
  ASSERT_EQ(Outcome(WriteWatermark(file(), At(1))), "ok");
  WatermarkKeeper keeper(file(), At(1), std::chrono::hours(1));
  keeper.Start([](const Error& error) { ADD_FAILURE() << error.message; });
  keeper.Advance(At(2));
  while (ReadWatermark(file()) != At(2)) std::this_thread::yield();
  // Enough time for many writes.
  for (std::uint64_t group = 3; group < 30; ++group) {
    keeper.Advance(At(group));
    ASSERT_EQ(Outcome(WriteWatermark(directory_.path() / "OTHER", At(group))), "ok");
  }
  EXPECT_EQ(Must(ReadWatermark(file())), At(2));
}

TEST_F(WatermarkTest, StoppingWritesTheLastGroup) {
  for (const bool started : {true, false}) {
    ASSERT_EQ(Outcome(WriteWatermark(file(), At(1))), "ok");
    WatermarkKeeper keeper(file(), At(1), std::chrono::hours(1));
    if (started) keeper.Start([](const Error& error) { ADD_FAILURE() << error.message; });
    for (std::uint64_t group = 2; group <= 1'000; ++group) keeper.Advance(At(group));
    EXPECT_EQ(Outcome(keeper.Stop()), "ok");
    EXPECT_EQ(Must(ReadWatermark(file())), At(1'000));
    EXPECT_EQ(Outcome(keeper.Stop()), "ok");
  }
}

TEST_F(WatermarkTest, AnAbandonedKeeperWritesNothingMore) {
  for (const bool started : {true, false}) {
    ASSERT_EQ(Outcome(WriteWatermark(file(), At(1))), "ok");
    {
      WatermarkKeeper keeper(file(), At(1), std::chrono::hours(1));
      if (started) {
        keeper.Start([](const Error& error) { ADD_FAILURE() << error.message; });
        keeper.Advance(At(2));
        while (ReadWatermark(file()) != At(2)) std::this_thread::yield();
      }
      keeper.Advance(At(3));
      keeper.Abandon();
      EXPECT_EQ(Must(ReadWatermark(file())), At(started ? 2 : 1));
      keeper.Advance(At(4));
      EXPECT_EQ(Outcome(keeper.Stop()), "ok");
      keeper.Abandon();
    }
    EXPECT_EQ(Must(ReadWatermark(file())), At(started ? 2 : 1));
  }
}

TEST_F(WatermarkTest, AFailureIsReportedOnceAndIsTheLastWrite) {
  const std::filesystem::path missing = directory_.path() / "missing";
  WatermarkKeeper keeper(missing / "WATERMARK", At(1), milliseconds(1));
  std::promise<Error> reported;
  keeper.Start(
      [&reported](const Error& error) { reported.set_value(error); });  // a second call would throw
  keeper.Advance(At(2));
  EXPECT_EQ(reported.get_future().get().code, ErrorCode::kIo);
  std::filesystem::create_directory(missing);
  keeper.Advance(At(3));
  EXPECT_EQ(Outcome(keeper.Stop()), "io");
  EXPECT_TRUE(std::filesystem::is_empty(missing));
}

/// Files whose use runs out of memory.
class ThrowingEnv final : public rocksdb::EnvWrapper {
 public:
  ThrowingEnv() : EnvWrapper(Default()) {}
  [[nodiscard]] const char* Name() const override { return "ThrowingEnv"; }
  rocksdb::Status NewWritableFile(const std::string& /*name*/,
                                  std::unique_ptr<rocksdb::WritableFile>* /*file*/,
                                  const rocksdb::EnvOptions& /*options*/) override {
    throw std::bad_alloc();
  }
};

TEST_F(WatermarkTest, AnExceptionIsAFailureToo) {
  ThrowingEnv env;
  WatermarkKeeper keeper(file(), At(1), milliseconds(1), &env);
  std::promise<Error> reported;
  keeper.Start([&reported](const Error& error) { reported.set_value(error); });
  keeper.Advance(At(2));
  EXPECT_EQ(reported.get_future().get().code, ErrorCode::kIo);
  EXPECT_EQ(Outcome(keeper.Stop()), "io");
}

TEST_F(StoreTest, AMissingWatermarkIsRefused) {
  CreateStore(5, 5);
  std::filesystem::remove(path() / "WATERMARK");
  EXPECT_EQ(Reopen(), "watermark_missing");
}

TEST_F(StoreTest, ADamagedWatermarkIsRefused) {
  CreateStore(5, 5);
  test::FlipBit(path() / "WATERMARK", 30);
  EXPECT_EQ(Reopen(), "watermark_damaged");
}

TEST_F(StoreTest, OpeningMovesTheWatermarkToTheTip) {
  CreateStore(5, 3);
  EXPECT_EQ(ReadWatermark(path() / "WATERMARK")->group, GroupNumber(3));
  static_cast<void>(Open());  // and closing it cleanly
  EXPECT_EQ(ReadWatermark(path() / "WATERMARK")->group, GroupNumber(5));
}

}  // namespace
}  // namespace coupond::storage

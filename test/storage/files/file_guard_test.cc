#include "storage/files/file_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/files/guarded_env.h"
#include "storage/store_fixture.h"
#include "support/temporary_directory.h"

/// Changes by other programs are noticed at the next check; those of the store itself never are.
namespace coupond::storage {
namespace {

namespace fs = std::filesystem;
using test::ReadFile;
using test::TemporaryDirectory;
using test::WriteFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Shortens a file right before something is appended to it, when no check can come in between.
class CutBeforeAppend final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CutBeforeAppend(std::unique_ptr<rocksdb::FSWritableFile> file, fs::path path,
                  std::optional<std::uint64_t>& cut_to)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), cut_to_(cut_to) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    if (cut_to_) fs::resize_file(path_, *cut_to_);
    return FSWritableFileOwnerWrapper::Append(data, options, context);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& /*verification*/,
                           rocksdb::IODebugContext* context) override {
    return Append(data, options, context);
  }

 private:
  const fs::path path_;
  std::optional<std::uint64_t>& cut_to_;
};

class CuttingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit CuttingFileSystem(std::optional<std::uint64_t>& cut_to)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), cut_to_(cut_to) {}
  [[nodiscard]] const char* Name() const override { return "CuttingFiles"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    return Wrapped(target()->NewWritableFile(name, options, file, context), name, *file);
  }
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* context) override {
    return Wrapped(target()->ReopenWritableFile(name, options, file, context), name, *file);
  }

 private:
  rocksdb::IOStatus Wrapped(rocksdb::IOStatus opened, const std::string& name,
                            std::unique_ptr<rocksdb::FSWritableFile>& file) {
    if (opened.ok()) file = std::make_unique<CutBeforeAppend>(std::move(file), name, cut_to_);
    return opened;
  }

  std::optional<std::uint64_t>& cut_to_;
};

class FileGuardTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"log", "views"}) fs::create_directories(data() / name);
    guard_.Adopt(data());
    guard_.Adopt(data() / "log");
    guard_.Start([this](const auto& losses) { Note(losses, losses_); },
                 [this](const auto& losses) { Note(losses, views_losses_); });
  }
  void TearDown() override { guard_.Stop(); }

  /// Creates a file that the store is writing, with these contents so far.
  std::unique_ptr<rocksdb::WritableFile> Begin(const fs::path& file, const std::string& contents) {
    std::unique_ptr<rocksdb::WritableFile> opened;
    const rocksdb::Status created = env_->NewWritableFile(file, &opened, {});
    EXPECT_TRUE(created.ok());
    if (!created.ok()) return nullptr;
    EXPECT_TRUE(opened->Append(contents).ok());
    EXPECT_TRUE(opened->Sync().ok());
    return opened;
  }
  /// The same with a kilobyte, and more that RocksDB reserves and trims at the end.
  std::unique_ptr<rocksdb::WritableFile> BeginWithReserve(const fs::path& file) {
    constexpr std::size_t kReservedBytes = 4'096;
    std::unique_ptr<rocksdb::WritableFile> opened;
    EXPECT_TRUE(env_->NewWritableFile(file, &opened, {}).ok());
    opened->SetPreallocationBlockSize(kReservedBytes);
    opened->PrepareWrite(0, kilobyte_.size());
    EXPECT_TRUE(opened->Append(kilobyte_).ok());
    EXPECT_TRUE(opened->Sync().ok());
    return opened;
  }
  void Write(const fs::path& file, const std::string& contents) {
    const auto opened = Begin(file, contents);
    EXPECT_TRUE(opened && opened->Close().ok());
  }
  /// Returns what the guard reports after one check.
  std::string LookedAt() {
    static_cast<void>(guard_.Look());
    return guard_.losses().empty() ? "fine" : Describe(guard_.losses());
  }
  std::string Said(const fs::path& file, const std::string& what) {
    return file.string() + " " + what;
  }

  [[nodiscard]] fs::path data() const { return directory_.path() / "data"; }
  [[nodiscard]] fs::path wal() const { return data() / "log" / "000004.log"; }
  [[nodiscard]] fs::path table() const { return data() / "log" / "000007.sst"; }
  std::vector<FileLoss> losses() {
    const std::lock_guard lock(mutex_);
    return losses_;
  }
  std::vector<FileLoss> views_losses() {
    const std::lock_guard lock(mutex_);
    return views_losses_;
  }

  const std::string kilobyte_ = std::string(1'024, 'x');
  TemporaryDirectory directory_;

 private:
  void Note(const std::vector<FileLoss>& losses, std::vector<FileLoss>& notes) {
    const std::lock_guard lock(mutex_);
    notes.insert(notes.end(), losses.begin(), losses.end());
  }

  std::mutex mutex_;
  std::vector<FileLoss> losses_;
  std::vector<FileLoss> views_losses_;

 protected:
  FileGuard guard_{data()};
  std::shared_ptr<rocksdb::Env> env_ = GuardFiles(guard_, nullptr);
};

TEST_F(FileGuardTest, ADeletedFileIsNoticed) {
  const auto file = Begin(wal(), kilobyte_);
  EXPECT_EQ(LookedAt(), "fine");
  fs::remove(wal());
  EXPECT_EQ(LookedAt(), Said(wal(), "was deleted"));
  EXPECT_THAT(losses(), ElementsAre(FileLoss{.path = wal(), .what = "was deleted"}));
}

TEST_F(FileGuardTest, ARenamedFileIsNoticed) {
  const auto file = Begin(wal(), kilobyte_);
  fs::rename(wal(), data() / "log" / "000004.log.1");
  EXPECT_EQ(LookedAt(), Said(wal(), "was renamed or moved away"));
}

TEST_F(FileGuardTest, ACopyInAFilesPlaceIsNoticed) {
  Write(table(), kilobyte_);
  fs::copy_file(table(), directory_.path() / "copy");
  fs::rename(directory_.path() / "copy", table());
  EXPECT_EQ(LookedAt(), Said(table(), "was replaced by another file"));
}

TEST_F(FileGuardTest, AShortenedFileIsNoticed) {
  const auto file = Begin(wal(), kilobyte_);
  fs::resize_file(wal(), 10);
  EXPECT_EQ(LookedAt(), Said(wal(), "was shortened from 1024 to 10 bytes"));
}

TEST_F(FileGuardTest, AFinishedFileMustNotGrowEither) {
  Write(table(), kilobyte_);
  fs::resize_file(table(), 1'025);
  EXPECT_EQ(LookedAt(), Said(table(), "was lengthened from 1024 to 1025 bytes"));
}

TEST_F(FileGuardTest, AFileRefilledWithZerosIsNoticed) {
  const auto file = Begin(wal(), kilobyte_);
  fs::resize_file(wal(), 0);
  fs::resize_file(wal(), 1'024);
  EXPECT_EQ(LookedAt(), Said(wal(), "was emptied or overwritten"));
}

TEST_F(FileGuardTest, AShortenedFileIsNoticedBeforeTheNextWrite) {
  const auto file = Begin(wal(), kilobyte_);
  fs::resize_file(wal(), 100);
  EXPECT_FALSE(file->Append("more").ok());
  EXPECT_EQ(fs::file_size(wal()), 100U);
  EXPECT_EQ(Describe(losses()), Said(wal(), "was shortened from 1024 to 100 bytes"));
}

TEST_F(FileGuardTest, AFileShortenedRightBeforeAWriteGetsNoHole) {
  std::optional<std::uint64_t> cut_to;
  const auto cutting = rocksdb::NewCompositeEnv(std::make_shared<CuttingFileSystem>(cut_to));
  env_ = GuardFiles(guard_, cutting.get());
  const auto file = Begin(wal(), kilobyte_);
  cut_to = 100;
  EXPECT_TRUE(file->Append("more").ok());
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_EQ(LookedAt(), Said(wal(), "was shortened from 1028 to 104 bytes"));
}

TEST_F(FileGuardTest, ClosingAShortenedFileKeepsItShort) {
  auto file = BeginWithReserve(wal());
  fs::resize_file(wal(), 100);
  EXPECT_FALSE(file->Close().ok());
  file.reset();
  EXPECT_EQ(fs::file_size(wal()), 100U);
  EXPECT_EQ(Describe(guard_.FindAll()), Said(wal(), "was shortened from 1024 to 100 bytes"));
}

TEST_F(FileGuardTest, AShortenedFileStaysShortIfItIsNeverClosed) {
  auto file = BeginWithReserve(wal());
  fs::resize_file(wal(), 100);
  file.reset();
  EXPECT_EQ(fs::file_size(wal()), 100U);
  EXPECT_EQ(Describe(guard_.FindAll()), Said(wal(), "was shortened from 1024 to 100 bytes"));
}

TEST_F(FileGuardTest, AShortenedWalIsNoticedAmongManyTables) {
  for (std::size_t i = 0; i < FileGuard::kHeldOpenMax; ++i) {
    WriteFile(data() / "log" / (std::to_string(100'000 + i) + ".sst"), "x");
  }
  guard_.AdoptDatabase(data() / "log");
  const auto file = Begin(wal(), kilobyte_);
  fs::resize_file(wal(), 0);
  EXPECT_FALSE(file->Append(kilobyte_).ok());
  EXPECT_EQ(LookedAt(), Said(wal(), "was shortened from 1024 to 0 bytes"));
}

TEST_F(FileGuardTest, ASyncOfAFileThatLostItsNameFails) {
  const auto file = Begin(wal(), kilobyte_);
  EXPECT_TRUE(file->Append("more").ok());
  fs::remove(wal());
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_EQ(Describe(losses()), Said(wal(), "was deleted"));
}

TEST_F(FileGuardTest, ALostDirectoryIsReportedWithoutItsFiles) {
  const auto file = Begin(wal(), kilobyte_);
  Write(table(), kilobyte_);
  Write(data() / "WATERMARK", "1");
  fs::remove_all(data() / "log");
  EXPECT_EQ(LookedAt(), Said(data() / "log", "was deleted or moved away"));
  EXPECT_EQ(losses().size(), 1U);
}

TEST_F(FileGuardTest, AMovedDataDirectoryIsNoticed) {
  const auto file = Begin(wal(), kilobyte_);
  fs::rename(data(), directory_.path() / "elsewhere");
  EXPECT_EQ(LookedAt(), Said(data(), "was renamed or moved away"));
}

TEST_F(FileGuardTest, OnceSealedNothingChangesOutsideTheViews) {
  const auto file = Begin(wal(), kilobyte_);
  const auto view = Begin(data() / "views" / "000009.sst", kilobyte_);
  Write(table(), kilobyte_);
  fs::remove(wal());
  EXPECT_TRUE(guard_.Look());

  EXPECT_FALSE(file->Append("more").ok());
  EXPECT_FALSE(file->Sync().ok());
  std::unique_ptr<rocksdb::WritableFile> opened;
  EXPECT_FALSE(env_->NewWritableFile(data() / "log" / "000010.log", &opened, {}).ok());
  EXPECT_FALSE(env_->RenameFile(table(), data() / "log" / "000011.sst").ok());
  EXPECT_FALSE(env_->DeleteFile(table()).ok());
  EXPECT_EQ(ReadFile(table()), kilobyte_);
  EXPECT_TRUE(view->Append("more").ok());
  EXPECT_TRUE(env_->DeleteFile(data() / "views" / "000009.sst").ok());
}

TEST_F(FileGuardTest, LostViewsAreReportedOnceAndDoNotSeal) {
  const fs::path view = data() / "views" / "000009.sst";
  Write(view, kilobyte_);
  const auto file = Begin(wal(), kilobyte_);
  fs::remove(view);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(guard_.Look());
  EXPECT_EQ(views_losses().size(), 1U);
  EXPECT_THAT(losses(), IsEmpty());
  EXPECT_TRUE(file->Append("more").ok());
}

TEST_F(FileGuardTest, ADeletedTableCanStillBeOpened) {
  Write(table(), kilobyte_);
  fs::remove(table());
  std::unique_ptr<rocksdb::RandomAccessFile> opened;
  ASSERT_TRUE(env_->NewRandomAccessFile(table(), &opened, {}).ok());
  std::string buffer(2'000, '\0');
  rocksdb::Slice got;
  ASSERT_TRUE(opened->Read(0, buffer.size(), &got, buffer.data()).ok());
  EXPECT_EQ(got.ToString(), kilobyte_);
}

TEST_F(FileGuardTest, ExistingFilesAreWatchedExceptTheReadme) {
  for (const char* name : {"CURRENT", "README", "LOCK"}) WriteFile(data() / "log" / name, "x");
  guard_.AdoptDatabase(data() / "log");
  fs::remove(data() / "log" / "README");
  fs::remove(data() / "log" / "LOCK");
  EXPECT_EQ(LookedAt(), "fine");
  fs::remove(data() / "log" / "CURRENT");
  EXPECT_EQ(LookedAt(), Said(data() / "log" / "CURRENT", "was deleted"));
}

TEST_F(FileGuardTest, ManyFilesAreCheckedInTurns) {
  constexpr std::size_t kFiles = FileGuard::kLooksMax + 10;
  for (std::size_t i = 0; i < kFiles; ++i) {
    WriteFile(data() / "log" / (std::to_string(100'000 + i) + ".sst"), "x");
  }
  guard_.AdoptDatabase(data() / "log");
  for (const std::size_t file : {std::size_t{0}, kFiles / 2, kFiles - 1}) {
    EXPECT_FALSE(guard_.Look()) << file;
  }
  fs::remove(data() / "log" / "100005.sst");
  static_cast<void>(guard_.Look());
  EXPECT_TRUE(guard_.Look());
}

TEST_F(FileGuardTest, TheStoresOwnChangesAreNeverALoss) {
  std::atomic<bool> done = false;
  std::thread looker([&] {
    while (!done) static_cast<void>(guard_.Look());
  });
  for (int i = 0; i < 60; ++i) {
    const fs::path file = data() / "log" / ("00001" + std::to_string(i % 3) + ".log");
    const auto opened = Begin(file, kilobyte_);
    if (guard_.sealed()) break;
    EXPECT_TRUE(opened->Append(kilobyte_).ok());
    EXPECT_TRUE(opened->Close().ok());
    Write(data() / "WATERMARK.new", std::to_string(i));
    EXPECT_TRUE(env_->RenameFile(data() / "WATERMARK.new", data() / "WATERMARK").ok());
    EXPECT_TRUE(env_->DeleteFile(file).ok());
  }
  done = true;
  looker.join();
  EXPECT_EQ(LookedAt(), "fine");
}

}  // namespace
}  // namespace coupond::storage

#ifndef COUPOND_TEST_STORAGE_FAILING_FILES_H_
#define COUPOND_TEST_STORAGE_FAILING_FILES_H_

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace coupond::test {

/// The real file system for RocksDB, except that writes to WAL files are counted, and that these
/// writes and the opening of tables can be made to fail. Any thread.
class FailingFiles {
 public:
  FailingFiles()
      : files_(std::make_shared<Files>(rocksdb::FileSystem::Default(), counts_)),
        env_(rocksdb::NewCompositeEnv(files_)) {}

  [[nodiscard]] rocksdb::Env* env() { return env_.get(); }
  /// Syncs report an I/O error, while the bytes may have gone to the disk.
  void FailSyncs(bool fail) { counts_.fail_syncs = fail; }
  void FailAppendsWithNoSpace(bool fail) { counts_.no_space = fail; }
  /// As when a process has too many open files.
  void FailOpeningTables(bool fail) { counts_.fail_tables = fail; }
  [[nodiscard]] std::uint64_t wal_writes() const { return counts_.writes; }
  [[nodiscard]] std::uint64_t wal_syncs() const { return counts_.syncs; }

 private:
  struct Counts {
    std::atomic<std::uint64_t> writes = 0;
    std::atomic<std::uint64_t> syncs = 0;
    std::atomic<bool> fail_syncs = false;
    std::atomic<bool> no_space = false;
    std::atomic<bool> fail_tables = false;
  };

  class WalFile final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    WalFile(std::unique_ptr<rocksdb::FSWritableFile> file, Counts& counts)
        : FSWritableFileOwnerWrapper(std::move(file)), counts_(counts) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
      ++counts_.writes;
      if (counts_.no_space) return rocksdb::IOStatus::NoSpace("injected");
      return FSWritableFileOwnerWrapper::Append(data, options, context);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*verification*/,
                             rocksdb::IODebugContext* context) override {
      return Append(data, options, context);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      ++counts_.syncs;
      if (counts_.fail_syncs) return rocksdb::IOStatus::IOError("injected");
      return FSWritableFileOwnerWrapper::Sync(options, context);
    }

   private:
    Counts& counts_;
  };

  class Files final : public rocksdb::FileSystemWrapper {
   public:
    Files(const std::shared_ptr<rocksdb::FileSystem>& target, Counts& counts)
        : FileSystemWrapper(target), counts_(counts) {}
    [[nodiscard]] const char* Name() const override { return "FailingFiles"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* context) override {
      rocksdb::IOStatus opened = target()->NewWritableFile(name, options, file, context);
      if (opened.ok() && name.ends_with(".log")) {
        *file = std::make_unique<WalFile>(std::move(*file), counts_);
      }
      return opened;
    }
    rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                          rocksdb::IODebugContext* context) override {
      if (counts_.fail_tables && name.ends_with(".sst")) {
        return rocksdb::IOStatus::IOError("injected: too many open files");
      }
      return target()->NewRandomAccessFile(name, options, file, context);
    }

   private:
    Counts& counts_;
  };

  Counts counts_;
  std::shared_ptr<Files> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_STORAGE_FAILING_FILES_H_

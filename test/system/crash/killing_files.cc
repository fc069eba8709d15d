#include "system/crash/killing_files.h"

#include <string>
#include <utility>

namespace coupond::test {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class KillingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  KillingFile(std::unique_ptr<FSWritableFile> file, KillSwitch& kill)
      : FSWritableFileOwnerWrapper(std::move(file)), kill_(kill) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (kill_.Reaches(KillPoint::kFileOperation)) {
      FSWritableFileOwnerWrapper::Append(Slice(data.data(), data.size() / 2), options, debug)
          .PermitUncheckedError();
      kill_.Kill(kill_.count());
    }
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    Reach();
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    Reach();
    return FSWritableFileOwnerWrapper::Flush(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    Reach();
    return FSWritableFileOwnerWrapper::Flush(options, debug);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    Reach();
    return FSWritableFileOwnerWrapper::Close(options, debug);
  }

 private:
  void Reach() { kill_.Reach(KillPoint::kFileOperation, kill_.count()); }

  KillSwitch& kill_;
};

class KillingDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  KillingDirectory(std::unique_ptr<FSDirectory> directory, KillSwitch& kill)
      : FSDirectoryWrapper(std::move(directory)), kill_(kill) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    kill_.Reach(KillPoint::kFileOperation, kill_.count());
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& /*options*/, IODebugContext* /*debug*/,
                               const rocksdb::DirFsyncOptions& /*more*/) override {
    kill_.Reach(KillPoint::kFileOperation, kill_.count());
    return IOStatus::OK();
  }

 private:
  KillSwitch& kill_;
};

class KillingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit KillingFileSystem(KillSwitch& kill)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), kill_(kill) {}
  [[nodiscard]] const char* Name() const override { return "KillingFiles"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    Reach();
    return Wrapped(target()->NewWritableFile(name, options, file, debug), *file);
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file,
                              IODebugContext* debug) override {
    Reach();
    return Wrapped(target()->ReopenWritableFile(name, options, file, debug), *file);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<FSDirectory>* directory, IODebugContext* debug) override {
    IOStatus opened = target()->NewDirectory(name, options, directory, debug);
    if (opened.ok()) {
      *directory = std::make_unique<KillingDirectory>(std::move(*directory), kill_);
    }
    return opened;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    Reach();
    return target()->DeleteFile(name, options, debug);
  }
  IOStatus Truncate(const std::string& name, std::size_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    Reach();
    return target()->Truncate(name, size, options, debug);
  }
  IOStatus CreateDir(const std::string& name, const IOOptions& options,
                     IODebugContext* debug) override {
    Reach();
    return target()->CreateDir(name, options, debug);
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options,
                              IODebugContext* debug) override {
    Reach();
    return target()->CreateDirIfMissing(name, options, debug);
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions& options,
                     IODebugContext* debug) override {
    Reach();
    return target()->DeleteDir(name, options, debug);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    Reach();
    return target()->RenameFile(from, to, options, debug);
  }

 private:
  void Reach() { kill_.Reach(KillPoint::kFileOperation, kill_.count()); }
  IOStatus Wrapped(IOStatus opened, std::unique_ptr<FSWritableFile>& file) {
    if (opened.ok()) file = std::make_unique<KillingFile>(std::move(file), kill_);
    return opened;
  }

  KillSwitch& kill_;
};

}  // namespace

KillingFiles::KillingFiles(KillSwitch& kill)
    : files_(std::make_shared<KillingFileSystem>(kill)), env_(rocksdb::NewCompositeEnv(files_)) {}

}  // namespace coupond::test

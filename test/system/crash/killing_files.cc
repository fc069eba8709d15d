#include "system/crash/killing_files.h"

#include <filesystem>
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

/// Counts an operation on a file, and reports whether the process must be killed at it.
bool IsLastOperation(KillSwitch& kill, const std::string& name) {
  if (kill.Reaches(KillPoint::kFileOperation)) return true;
  if (!kill.purging()) return false;
  const std::filesystem::path database = std::filesystem::path(name).parent_path().filename();
  return (database == "log" && kill.Reaches(KillPoint::kLogRewrite)) ||
         (database == "views" && kill.Reaches(KillPoint::kViewsRewrite));
}

void ReachOperation(KillSwitch& kill, const std::string& name) {
  if (IsLastOperation(kill, name)) kill.Kill(kill.count());
}

class KillingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  KillingFile(std::unique_ptr<FSWritableFile> file, std::string name, KillSwitch& kill)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), kill_(kill) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (IsLastOperation(kill_, name_)) {
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
  void Reach() { ReachOperation(kill_, name_); }

  const std::string name_;
  KillSwitch& kill_;
};

class KillingDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  KillingDirectory(std::unique_ptr<FSDirectory> directory, const std::string& name,
                   KillSwitch& kill)
      : FSDirectoryWrapper(std::move(directory)), file_(name + "/"), kill_(kill) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    ReachOperation(kill_, file_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& /*options*/, IODebugContext* /*debug*/,
                               const rocksdb::DirFsyncOptions& /*more*/) override {
    ReachOperation(kill_, file_);
    return IOStatus::OK();
  }

 private:
  const std::string file_;  // a name within it
  KillSwitch& kill_;
};

class KillingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit KillingFileSystem(KillSwitch& kill)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), kill_(kill) {}
  [[nodiscard]] const char* Name() const override { return "KillingFiles"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    Reach(name);
    return Wrapped(target()->NewWritableFile(name, options, file, debug), name, *file);
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file,
                              IODebugContext* debug) override {
    Reach(name);
    return Wrapped(target()->ReopenWritableFile(name, options, file, debug), name, *file);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<FSDirectory>* directory, IODebugContext* debug) override {
    IOStatus opened = target()->NewDirectory(name, options, directory, debug);
    if (opened.ok()) {
      *directory = std::make_unique<KillingDirectory>(std::move(*directory), name, kill_);
    }
    return opened;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    Reach(name);
    return target()->DeleteFile(name, options, debug);
  }
  IOStatus Truncate(const std::string& name, std::size_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    Reach(name);
    return target()->Truncate(name, size, options, debug);
  }
  IOStatus CreateDir(const std::string& name, const IOOptions& options,
                     IODebugContext* debug) override {
    Reach(name);
    return target()->CreateDir(name, options, debug);
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options,
                              IODebugContext* debug) override {
    Reach(name);
    return target()->CreateDirIfMissing(name, options, debug);
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions& options,
                     IODebugContext* debug) override {
    Reach(name);
    return target()->DeleteDir(name, options, debug);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    Reach(to);
    return target()->RenameFile(from, to, options, debug);
  }

 private:
  void Reach(const std::string& name) { ReachOperation(kill_, name); }
  IOStatus Wrapped(IOStatus opened, const std::string& name,
                   std::unique_ptr<FSWritableFile>& file) {
    if (opened.ok()) file = std::make_unique<KillingFile>(std::move(file), name, kill_);
    return opened;
  }

  KillSwitch& kill_;
};

}  // namespace

KillingFiles::KillingFiles(KillSwitch& kill)
    : files_(std::make_shared<KillingFileSystem>(kill)), env_(rocksdb::NewCompositeEnv(files_)) {}

}  // namespace coupond::test

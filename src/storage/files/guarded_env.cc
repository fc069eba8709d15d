#include "storage/files/guarded_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "storage/files/file_guard.h"

namespace coupond::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus Refused(const std::filesystem::path& path) {
  return IOStatus::IOError(path.string(),
                           "nothing more is written, because a file of the store was lost");
}

class GuardedWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  GuardedWritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::filesystem::path path,
                      FileGuard& guard, std::shared_ptr<GuardedFile> guarded)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        guard_(guard),
        guarded_(std::move(guarded)) {}
  // RocksDB destroys files that it gives up on without closing them.
  ~GuardedWritableFile() override {
    if (!closed_ && guarded_->Shortened()) KeepShort();
    guarded_->GrowsNoMore();
  }

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    return Written(data,
                   [&] { return FSWritableFileOwnerWrapper::Append(data, options, context); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* context) override {
    return Written(data, [&] {
      return FSWritableFileOwnerWrapper::Append(data, options, verification, context);
    });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options,
                    IODebugContext* context) override {
    if (guard_.Refuses(path_)) return Refused(path_);
    guarded_->ShrankTo(size);
    return Sure(FSWritableFileOwnerWrapper::Truncate(size, options, context));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return Synced([&] { return FSWritableFileOwnerWrapper::Sync(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return Synced([&] { return FSWritableFileOwnerWrapper::Fsync(options, context); });
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    if (auto problem = guarded_->Shortened();
        problem && guard_.Report({.path = path_, .what = std::move(*problem)})) {
      KeepShort();
      return Refused(path_);
    }
    IOStatus closed = Sure(FSWritableFileOwnerWrapper::Close(options, context));
    closed_ = true;
    guarded_->GrowsNoMore();
    return closed;
  }

 private:
  template <typename Write>
  IOStatus Written(const Slice& data, const Write& write) {
    // What is appended to a shortened file would be of no use, and in the way of saving the store.
    if (auto problem = guarded_->Shortened();
        problem && guard_.Report({.path = path_, .what = std::move(*problem)})) {
      return Refused(path_);
    }
    if (guard_.Refuses(path_)) return Refused(path_);
    IOStatus written = Sure(write());
    if (written.ok()) guarded_->Grew(data.ToStringView());
    return written;
  }

  template <typename SyncFile>
  IOStatus Synced(const SyncFile& sync) {
    IOStatus synced = sync();
    if (!synced.ok()) return synced;
    // What is acknowledged next must be found under the file's name, unless the store itself has
    // renamed or removed the file.
    if (auto problem = guarded_->Problem(path_);
        problem && guard_.IsKnownAs(path_, *guarded_) &&
        guard_.Report({.path = path_, .what = std::move(*problem)})) {
      return Refused(path_);
    }
    return guard_.Refuses(path_) ? Refused(path_) : synced;
  }

  /// Has RocksDB forget the length that the file had. When a file is closed, and at the latest when
  /// it is destroyed, RocksDB trims what it reserved, which would give a shortened file its length
  /// back, with zeros.
  void KeepShort() {
    struct stat found{};
    if (::fstat(guarded_->descriptor(), &found) != 0) return;
    FSWritableFileOwnerWrapper::Truncate(static_cast<std::uint64_t>(found.st_size), IOOptions(),
                                         nullptr)
        .PermitUncheckedError();
  }

  IOStatus Sure(IOStatus done) {
    if (!done.ok()) guarded_->Unsure();
    return done;
  }

  const std::filesystem::path path_;
  FileGuard& guard_;
  const std::shared_ptr<GuardedFile> guarded_;
  bool closed_ = false;
};

class GuardedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  GuardedFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files, FileGuard& guard)
      : FileSystemWrapper(files), guard_(guard) {}
  [[nodiscard]] const char* Name() const override { return "GuardedFiles"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* context) override {
    FileGuard::Change change(guard_, {name});
    if (change.refused()) return Refused(name);
    return Watched(change, name, file, CreateForAppending(name, options, file, context));
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* context) override {
    FileGuard::Change change(guard_, {name});
    if (change.refused()) return Refused(name);
    return Watched(change, name, file, target()->ReopenWritableFile(name, options, file, context));
  }
  /// Opens a table through the guard's descriptor if its name is gone: RocksDB closes tables and
  /// reopens them by name.
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext* context) override {
    const auto known = guard_.At(name);
    if (known == nullptr || known->descriptor() < 0 || known->IsAt(name)) {
      return target()->NewRandomAccessFile(name, options, file, context);
    }
    return target()->NewRandomAccessFile("/proc/self/fd/" + std::to_string(known->descriptor()),
                                         options, file, context);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    FileGuard::Change change(guard_, {from, to});
    if (change.refused()) return Refused(to);
    IOStatus renamed = target()->RenameFile(from, to, options, context);
    if (renamed.ok() && change.first()) change.Keep(to, change.first());
    return renamed;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* context) override {
    const FileGuard::Change change(guard_, {name});
    if (change.refused()) return Refused(name);
    return target()->DeleteFile(name, options, context);
  }
  IOStatus Truncate(const std::string& name, std::size_t size, const IOOptions& options,
                    IODebugContext* context) override {
    FileGuard::Change change(guard_, {name});
    if (change.refused()) return Refused(name);
    return target()->Truncate(name, size, options, context);
  }
  IOStatus CreateDir(const std::string& name, const IOOptions& options,
                     IODebugContext* context) override {
    const FileGuard::Change change(guard_, {name});
    if (change.refused()) return Refused(name);
    return target()->CreateDir(name, options, context);
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options,
                              IODebugContext* context) override {
    // RocksDB makes sure that its directory exists; if it does, nothing changes.
    bool there = false;
    if (target()->IsDirectory(name, options, &there, context).ok() && there) return IOStatus::OK();
    return CreateDir(name, options, context);
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions& options,
                     IODebugContext* context) override {
    const FileGuard::Change change(guard_, {name});
    if (change.refused()) return Refused(name);
    return target()->DeleteDir(name, options, context);
  }

 private:
  /// Creates a file whose every write goes to its end (O_APPEND), as only reopened files have it.
  /// RocksDB writes a new file at the offset that it remembers: if another program shortened the
  /// file just before, the write would leave a hole and restore the length, and no one would
  /// notice.
  IOStatus CreateForAppending(const std::string& name, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* context) {
    IOStatus created = target()->NewWritableFile(name, options, file, context);
    if (!created.ok()) return created;
    created = (*file)->Close(IOOptions(), context);
    file->reset();
    if (!created.ok()) return created;
    IOStatus reopened = target()->ReopenWritableFile(name, options, file, context);
    if (!reopened.ok()) target()->DeleteFile(name, IOOptions(), context).PermitUncheckedError();
    return reopened;
  }

  IOStatus Watched(FileGuard::Change& change, const std::string& name,
                   std::unique_ptr<rocksdb::FSWritableFile>* file, IOStatus opened) {
    if (!opened.ok()) return opened;
    std::shared_ptr<GuardedFile> guarded = guard_.FindNew(name);
    if (guarded == nullptr) {
      static_cast<void>(
          guard_.Report({.path = name, .what = "was deleted as soon as it was created"}));
      return IOStatus::IOError(name, "the file was gone as soon as it was created");
    }
    change.Keep(name, guarded);
    *file = std::make_unique<GuardedWritableFile>(std::move(*file),
                                                  std::filesystem::path(name).lexically_normal(),
                                                  guard_, std::move(guarded));
    return opened;
  }

  FileGuard& guard_;
};

}  // namespace

std::shared_ptr<rocksdb::Env> GuardFiles(FileGuard& guard, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  return rocksdb::NewCompositeEnv(std::make_shared<GuardedFileSystem>(env->GetFileSystem(), guard));
}

}  // namespace coupond::storage

#include "faults/faulty_file_system.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "faults/faulty_files.h"

namespace coupond::test {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

/// Copies what was read into the caller's memory, with one bit wrong.
void FlipBit(Slice& result, char* scratch, std::uint64_t bit) {
  if (result.empty()) return;
  std::copy_n(result.data(), result.size(), scratch);
  scratch[(bit / 8) % result.size()] ^= static_cast<char>(1U << (bit % 8));
  result = Slice(scratch, result.size());
}

}  // namespace

class FaultyWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path,
                     FaultyFiles& files)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), files_(files) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    const std::lock_guard lock(files_.mutex_);
    const FaultyFiles::Verdict verdict = files_.Judge(FileOperation::kAppend, path_);
    const Slice part(data.data(), verdict.half ? data.size() / 2 : data.size());
    if (verdict.happens) {
      if (IOStatus done = FSWritableFileOwnerWrapper::Append(part, options, context); !done.ok()) {
        return done;
      }
      files_.disk_.Append(path_, part.ToStringView());
    }
    return verdict.status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    std::unique_lock lock(files_.mutex_);
    if (files_.held_ && path_.find(*files_.held_) != std::string::npos) {
      ++files_.waiting_;
      files_.changed_.notify_all();
      files_.changed_.wait(lock, [this] { return !files_.held_; });
      --files_.waiting_;
    }
    const FaultyFiles::Verdict verdict = files_.Judge(FileOperation::kSync, path_);
    if (verdict.happens) files_.disk_.Sync(path_);
    return verdict.status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return Sync(options, context);
  }
  IOStatus RangeSync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/,
                     const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    return IOStatus::OK();  // promises nothing
  }

 private:
  const std::string path_;
  FaultyFiles& files_;
};

class FaultyReadableFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyReadableFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string path,
                     FaultyFiles& files)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), path_(std::move(path)), files_(files) {}

  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* context) const override {
    const std::lock_guard lock(files_.mutex_);
    const FaultyFiles::Verdict verdict = files_.Judge(FileOperation::kRead, path_);
    if (!verdict.status.ok()) return verdict.status;
    IOStatus done =
        FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, context);
    if (done.ok() && verdict.flip_bit) FlipBit(*result, scratch, files_.fault_->bit);
    return done;
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                     IODebugContext* context) override {
    for (std::size_t i = 0; i < count; ++i) {
      rocksdb::FSReadRequest& request = requests[i];
      request.status =
          Read(request.offset, request.len, options, &request.result, request.scratch, context);
    }
    return IOStatus::OK();
  }
  IOStatus ReadAsync(rocksdb::FSReadRequest& request, const IOOptions& options,
                     std::function<void(const rocksdb::FSReadRequest&, void*)> done, void* argument,
                     void** /*handle*/, rocksdb::IOHandleDeleter* /*deleter*/,
                     IODebugContext* context) override {
    request.status =
        Read(request.offset, request.len, options, &request.result, request.scratch, context);
    done(request, argument);
    return IOStatus::OK();
  }

 private:
  const std::string path_;
  FaultyFiles& files_;
};

class FaultySequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string path,
                       FaultyFiles& files)
      : FSSequentialFileOwnerWrapper(std::move(file)), path_(std::move(path)), files_(files) {}

  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) override {
    const std::lock_guard lock(files_.mutex_);
    const FaultyFiles::Verdict verdict = files_.Judge(FileOperation::kRead, path_);
    if (!verdict.status.ok()) return verdict.status;
    IOStatus done = FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, context);
    if (done.ok() && verdict.flip_bit) FlipBit(*result, scratch, files_.fault_->bit);
    return done;
  }

 private:
  const std::string path_;
  FaultyFiles& files_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path,
                  FaultyFiles& files)
      : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), files_(files) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    const std::lock_guard lock(files_.mutex_);
    const FaultyFiles::Verdict verdict = files_.Judge(FileOperation::kSyncDirectory, path_);
    if (verdict.happens) files_.disk_.SyncDirectory(path_);
    return verdict.status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions& /*reason*/) override {
    return Fsync(options, context);
  }

 private:
  const std::string path_;
  FaultyFiles& files_;
};

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(FaultyFiles& files)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), files_(files) {}
  [[nodiscard]] const char* Name() const override { return "FaultyFiles"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* context) override {
    return Change(
        FileOperation::kOpenForWriting, name,
        [&] {
          IOStatus done = target()->NewWritableFile(name, options, file, context);
          if (done.ok()) {
            *file = std::make_unique<FaultyWritableFile>(std::move(*file), name, files_);
          }
          return done;
        },
        [&] { files_.disk_.Create(name); });
  }
  /// Changes nothing on the disk: the file is there.
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* context) override {
    const std::lock_guard lock(files_.mutex_);
    IOStatus done = target()->ReopenWritableFile(name, options, file, context);
    if (done.ok()) *file = std::make_unique<FaultyWritableFile>(std::move(*file), name, files_);
    return done;
  }
  IOStatus Truncate(const std::string& /*name*/, std::size_t /*size*/, const IOOptions& /*options*/,
                    IODebugContext* /*context*/) override {
    return IOStatus::NotSupported("FaultyFiles does not know how to truncate");
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext* context) override {
    const std::lock_guard lock(files_.mutex_);
    if (auto verdict = files_.Judge(FileOperation::kOpenForReading, name); !verdict.status.ok()) {
      return verdict.status;
    }
    IOStatus done = target()->NewRandomAccessFile(name, options, file, context);
    if (done.ok()) *file = std::make_unique<FaultyReadableFile>(std::move(*file), name, files_);
    return done;
  }
  IOStatus NewSequentialFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* context) override {
    const std::lock_guard lock(files_.mutex_);
    if (auto verdict = files_.Judge(FileOperation::kOpenForReading, name); !verdict.status.ok()) {
      return verdict.status;
    }
    IOStatus done = target()->NewSequentialFile(name, options, file, context);
    if (done.ok()) *file = std::make_unique<FaultySequentialFile>(std::move(*file), name, files_);
    return done;
  }
  IOStatus GetChildren(const std::string& name, const IOOptions& options,
                       std::vector<std::string>* names, IODebugContext* context) override {
    const std::lock_guard lock(files_.mutex_);
    if (auto verdict = files_.Judge(FileOperation::kOpenForReading, name); !verdict.status.ok()) {
      return verdict.status;
    }
    return target()->GetChildren(name, options, names, context);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* context) override {
    IOStatus done = target()->NewDirectory(name, options, directory, context);
    if (done.ok()) {
      *directory = std::make_unique<FaultyDirectory>(std::move(*directory), name, files_);
    }
    return done;
  }
  IOStatus CreateDir(const std::string& name, const IOOptions& options,
                     IODebugContext* context) override {
    return Change(
        FileOperation::kMakeDirectory, name,
        [&] { return target()->CreateDir(name, options, context); },
        [&] { files_.disk_.MakeDirectory(name); });
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options,
                              IODebugContext* context) override {
    bool there = false;
    if (target()->IsDirectory(name, options, &there, context).ok() && there) return IOStatus::OK();
    return CreateDir(name, options, context);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    return Change(
        FileOperation::kRename, to,
        [&] { return target()->RenameFile(from, to, options, context); },
        [&] { files_.disk_.Rename(from, to); });
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* context) override {
    return Change(
        FileOperation::kRemove, name, [&] { return target()->DeleteFile(name, options, context); },
        [&] { files_.disk_.Remove(name); });
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions& options,
                     IODebugContext* context) override {
    return Change(
        FileOperation::kRemove, name, [&] { return target()->DeleteDir(name, options, context); },
        [&] { files_.disk_.Remove(name); });
  }

 private:
  /// Carries it out on the disk and in the model, as far as the verdict says.
  template <typename Really, typename Model>
  IOStatus Change(FileOperation operation, const std::string& path, const Really& really,
                  const Model& model) {
    const std::lock_guard lock(files_.mutex_);
    const FaultyFiles::Verdict verdict = files_.Judge(operation, path);
    if (verdict.happens && !verdict.half) {
      if (IOStatus done = really(); !done.ok()) return done;
      model();
    }
    return verdict.status;
  }

  FaultyFiles& files_;
};

std::shared_ptr<rocksdb::FileSystem> MakeFaultyFileSystem(FaultyFiles& files) {
  return std::make_shared<FaultyFileSystem>(files);
}

}  // namespace coupond::test

#include "storage/rocksdb_log/shown_files.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "storage/rocksdb_log/log_fragment.h"

namespace coupond::storage {
namespace {

class ShownSequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  /// `shown` must outlive the file.
  ShownSequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, const ShownFile& shown)
      : FSSequentialFileOwnerWrapper(std::move(file)), shown_(shown) {}

  rocksdb::IOStatus Read(std::size_t size, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* context) override {
    size = std::min<std::uint64_t>(size, shown_.size - at_);
    rocksdb::IOStatus done =
        FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, context);
    if (!done.ok()) return done;
    if (!shown_.headers.empty()) {
      if (result->data() != scratch) std::memcpy(scratch, result->data(), result->size());
      *result = rocksdb::Slice(scratch, result->size());
      ReplaceHeaders(scratch, result->size());
    }
    at_ += result->size();
    return done;
  }
  rocksdb::IOStatus Skip(std::uint64_t size) override {
    size = std::min(size, shown_.size - at_);
    at_ += size;
    return FSSequentialFileOwnerWrapper::Skip(size);
  }

 private:
  /// In what was read at at_.
  void ReplaceHeaders(char* bytes, std::size_t size) const {
    const std::uint64_t end = at_ + size;
    const std::uint64_t first = at_ - std::min<std::uint64_t>(at_, kFragmentHeaderBytes - 1);
    for (auto it = shown_.headers.lower_bound(first); it != shown_.headers.end() && it->first < end;
         ++it) {
      const auto& [place, header] = *it;
      const std::uint64_t from = std::max(place, at_);
      const std::uint64_t to = std::min(place + header.size(), end);
      if (from < to) std::memcpy(bytes + (from - at_), header.data() + (from - place), to - from);
    }
  }

  const ShownFile& shown_;
  std::uint64_t at_ = 0;
};

class ShownFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  ShownFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files,
                  std::map<std::filesystem::path, ShownFile> shown)
      : FileSystemWrapper(files), shown_(std::move(shown)) {}
  [[nodiscard]] const char* Name() const override { return "ShownFiles"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus opened = target()->NewSequentialFile(name, options, file, context);
    const auto found = shown_.find(std::filesystem::path(name).lexically_normal());
    if (opened.ok() && found != shown_.end()) {
      *file = std::make_unique<ShownSequentialFile>(std::move(*file), found->second);
    }
    return opened;
  }

 private:
  const std::map<std::filesystem::path, ShownFile> shown_;
};

}  // namespace

std::shared_ptr<rocksdb::Env> ShowFiles(rocksdb::Env& env,
                                        std::map<std::filesystem::path, ShownFile> files) {
  std::map<std::filesystem::path, ShownFile> normal;
  for (auto& [name, shown] : files) normal[name.lexically_normal()] = std::move(shown);
  return rocksdb::NewCompositeEnv(
      std::make_shared<ShownFileSystem>(env.GetFileSystem(), std::move(normal)));
}

}  // namespace coupond::storage

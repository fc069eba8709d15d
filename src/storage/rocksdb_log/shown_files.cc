#include "storage/rocksdb_log/shown_files.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/files/rocksdb_status.h"
#include "storage/rocksdb_log/wal_records.h"

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
  /// Replaces headers in what was read at at_.
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

/// A type that RocksDB does not know and skips with its payload.
constexpr std::uint8_t kHiddenType = 0x40;

/// Returns the head of the write that begins in a fragment, whether or not that is intact.
std::optional<WriteHead> HeadAt(std::string_view wal, std::size_t at) {
  return ReadWriteHead(wal.substr(at + kFragmentHeaderBytes, kWriteHeadBytesMax));
}

/// Returns where to continue after the fragment at `at`, which is not intact: in its block, if its
/// header or the write in it leads to a later one, otherwise in the next block. Does not search for
/// what only looks like a record: it could be a text that a client chose.
std::size_t NextAfter(std::string_view wal, std::size_t at, const std::optional<WriteHead>& last) {
  const std::size_t block_end = (at / kLogBlockBytes + 1) * kLogBlockBytes;
  const std::optional<WriteHead> own = HeadAt(wal, at);
  for (const std::size_t next : {at + kFragmentHeaderBytes + FragmentLength(wal, at),
                                 own ? RecordEnd(at, own->write_bytes) : block_end}) {
    if (next >= block_end || next >= wal.size() || !ReadFragment(wal, next)) continue;
    const std::optional<WriteHead> head = HeadAt(wal, next);
    if (head && (!last || head->group > last->group)) return next;
  }
  return block_end;
}

/// Returns how a WAL must be shown, or nullopt if it can be shown as it is.
std::optional<ShownFile> HideDamageOf(std::string_view wal) {
  ShownFile shown;
  std::optional<WriteHead> last;
  for (std::size_t at = 0; at < wal.size();) {
    const std::size_t left = kLogBlockBytes - at % kLogBlockBytes;
    if (left < kFragmentHeaderBytes) {
      at += left;
      continue;
    }
    if (const std::optional<Fragment> fragment = ReadFragment(wal, at)) {
      const bool begins =
          fragment->type == FragmentType::kFull || fragment->type == FragmentType::kFirst;
      const auto head = begins ? ReadWriteHead(fragment->payload) : std::nullopt;
      if (head) last = head;
      at = fragment->end;
      continue;
    }
    const std::size_t next =
        wal.size() - at < kFragmentHeaderBytes ? wal.size() : NextAfter(wal, at, last);
    if (next >= wal.size()) {
      shown.size = at;
      return shown;
    }
    const std::size_t payload = at + kFragmentHeaderBytes;
    shown.headers[at] = MakeFragmentHeader(kHiddenType, wal.substr(payload, next - payload));
    at = next;
  }
  if (shown.headers.empty()) return std::nullopt;
  return shown;
}

}  // namespace

std::shared_ptr<rocksdb::Env> ShowFiles(rocksdb::Env& env,
                                        std::map<std::filesystem::path, ShownFile> files) {
  std::map<std::filesystem::path, ShownFile> normal;
  for (auto& [name, shown] : files) normal[name.lexically_normal()] = std::move(shown);
  return rocksdb::NewCompositeEnv(
      std::make_shared<ShownFileSystem>(env.GetFileSystem(), std::move(normal)));
}

Result<std::shared_ptr<rocksdb::Env>> HideDamage(const std::filesystem::path& log,
                                                 rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::map<std::filesystem::path, ShownFile> files;
  for (const std::string& name : TRY(ListWals(log, env))) {
    std::string wal;
    const rocksdb::Status read = rocksdb::ReadFileToString(env, log / name, &wal);
    if (!read.ok())
      return RocksDbError(read, ErrorCode::kIo, "cannot read " + (log / name).string());
    if (std::optional<ShownFile> shown = HideDamageOf(wal)) files[log / name] = std::move(*shown);
  }
  if (files.empty()) return nullptr;
  return ShowFiles(*env, std::move(files));
}

}  // namespace coupond::storage

#include "storage/torn_tail.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/rules/limits.h"
#include "storage/durable_file.h"
#include "storage/log_fragment.h"
#include "storage/rocksdb_status.h"
#include "storage/wal_order.h"

namespace coupond::storage {
namespace {

/// Disks write sectors as a whole; nothing smaller is ever half there.
constexpr std::size_t kSectorBytes = 512;
/// No event takes more: its texts, and some numbers and ids.
constexpr std::size_t kEventBytesMax =
    limits::kCampaignNameMaxBytes + limits::kUserIdMaxBytes + limits::kRequestIdMaxBytes + 1'024;
/// What is behind more than this is no single record.
constexpr std::size_t kRecordBytesMax = 16'777'216;
static_assert(limits::kCommandsPerGroupMax * kEventBytesMax <= kRecordBytesMax / 2,
              "a record must hold the largest group, and the headers of its fragments");
/// Even one byte: a power loss must never be refused, and no more than this record is left out.
constexpr std::size_t kLastSectorBytesMin = 1;

bool IsZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == '\0'; });
}

/// Where the sector of a byte ends, or the file.
std::size_t SectorEnd(std::string_view file, std::size_t at) {
  return std::min(file.size(), (at / kSectorBytes + 1) * kSectorBytes);
}

/// Whether a sector was never written, as far as it lies from `from` on.
bool HasHole(std::string_view file, std::size_t from) {
  for (std::size_t at = from; at < file.size();) {
    const std::size_t end = SectorEnd(file, at);
    const bool whole = end % kSectorBytes == 0 || at == from || end - at >= kLastSectorBytesMin;
    if (whole && IsZero(file.substr(at, end - at))) return true;
    at = end;
  }
  return false;
}

/// Whether the length and the type of the fragment at `at` lie in sectors that were written.
bool HeaderWasWritten(std::string_view file, std::size_t at) {
  const std::size_t length = at + 4;
  const std::size_t type = at + 6;
  if (type >= file.size()) return false;
  const std::size_t end = SectorEnd(file, at);
  if (at / kSectorBytes == type / kSectorBytes) return !IsZero(file.substr(at, end - at));
  // It lies across two sectors.
  const bool length_is_there = length >= end || !IsZero(file.substr(at, end - at));
  return length_is_there && !IsZero(file.substr(end, SectorEnd(file, end) - end));
}

/// Whether the broken fragment at `at`, and what its record may have behind it, reaches the end of
/// the file. Whether `within`: the record begins before it. Where headers were never written, only
/// the record's size has a limit.
bool ReachesTheEnd(std::string_view file, std::size_t at, bool within) {
  while (at < file.size()) {
    const std::size_t block_end = (at / kLogBlockBytes + 1) * kLogBlockBytes;
    if (block_end - at < kFragmentHeaderBytes) {
      at = block_end;
      continue;
    }
    if (!HeaderWasWritten(file, at)) return true;
    const auto type = static_cast<FragmentType>(file[at + 6]);
    const bool last = type == (within ? FragmentType::kLast : FragmentType::kFull);
    const bool more = type == (within ? FragmentType::kMiddle : FragmentType::kFirst);
    const std::size_t end = at + kFragmentHeaderBytes + FragmentLength(file, at);
    if (end > block_end) return false;
    if (last) return end >= file.size();
    if (!more || end != block_end) return false;
    at = end;
    within = true;
  }
  return true;
}

/// Whether a record begins anywhere from there on.
bool HasRecord(std::string_view file, std::size_t from) {
  for (std::size_t at = from; at + kFragmentHeaderBytes <= file.size(); ++at) {
    const auto type = static_cast<FragmentType>(file[at + 6]);
    if (type != FragmentType::kFull && type != FragmentType::kFirst) continue;
    if (ReadFragment(file, at)) return true;
  }
  return false;
}

/// Empty if there is no such file, which RocksDB says better.
Result<std::string> ReadWhole(const std::filesystem::path& path, rocksdb::Env* env) {
  std::string contents;
  const rocksdb::Status read = rocksdb::ReadFileToString(env, path, &contents);
  if (!read.ok() && !read.IsPathNotFound()) {
    return RocksDbError(read, ErrorCode::kIo, "cannot read " + path.string());
  }
  return contents;
}

/// The list of files, and the newest WAL.
Result<std::vector<std::filesystem::path>> GrowingFiles(const std::filesystem::path& log,
                                                        rocksdb::Env* env) {
  std::vector<std::filesystem::path> files;
  const Result<std::optional<std::string>> current = ReadSmallFile(log / "CURRENT", env);
  if (!current) return std::unexpected(current.error());
  if (*current && (*current)->starts_with("MANIFEST-") && (*current)->ends_with('\n')) {
    files.push_back(log / (*current)->substr(0, (*current)->size() - 1));
  }
  const Result<std::vector<std::string>> wals = ListWals(log, env);
  if (!wals) return std::unexpected(wals.error());
  if (!wals->empty()) files.push_back(log / wals->back());
  return files;
}

/// A file that ends early.
class ShorterFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  ShorterFile(std::unique_ptr<rocksdb::FSSequentialFile> file, std::size_t size)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(size) {}

  rocksdb::IOStatus Read(std::size_t size, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus done = FSSequentialFileOwnerWrapper::Read(std::min(size, left_), options,
                                                                result, scratch, context);
    if (done.ok()) left_ -= result->size();
    return done;
  }
  rocksdb::IOStatus Skip(std::uint64_t size) override {
    const std::size_t skipped = std::min<std::size_t>(size, left_);
    left_ -= skipped;
    return FSSequentialFileOwnerWrapper::Skip(skipped);
  }

 private:
  std::size_t left_;
};

/// All files as they are, but some end early.
class ShorterFiles final : public rocksdb::FileSystemWrapper {
 public:
  ShorterFiles(const std::shared_ptr<rocksdb::FileSystem>& files,
               std::map<std::filesystem::path, std::size_t> sizes)
      : FileSystemWrapper(files), sizes_(std::move(sizes)) {}
  [[nodiscard]] const char* Name() const override { return "ShorterFiles"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus opened = target()->NewSequentialFile(name, options, file, context);
    const auto found = sizes_.find(std::filesystem::path(name).lexically_normal());
    if (opened.ok() && found != sizes_.end()) {
      *file = std::make_unique<ShorterFile>(std::move(*file), found->second);
    }
    return opened;
  }

 private:
  const std::map<std::filesystem::path, std::size_t> sizes_;
};

}  // namespace

std::optional<std::size_t> FindTornRecord(std::string_view file) {
  std::size_t begin = 0;
  std::size_t at = 0;
  bool within = false;
  while (at < file.size()) {
    const std::size_t left = kLogBlockBytes - at % kLogBlockBytes;
    if (left < kFragmentHeaderBytes) {
      at += left;
      continue;
    }
    if (!within) begin = at;
    const std::optional<Fragment> fragment = ReadFragment(file, at);
    if (!fragment) break;
    within = fragment->type == FragmentType::kFirst || fragment->type == FragmentType::kMiddle;
    at = fragment->end;
  }
  if (at >= file.size() || file.size() - begin > kRecordBytesMax) return std::nullopt;
  if (!ReachesTheEnd(file, at, within) || !HasHole(file, at)) return std::nullopt;
  if (HasRecord(file, at + 1)) return std::nullopt;
  return begin;
}

Result<WholeRecords> WithoutTornRecords(const std::filesystem::path& log, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const Result<std::vector<std::filesystem::path>> files = GrowingFiles(log, env);
  if (!files) return std::unexpected(files.error());
  std::map<std::filesystem::path, std::size_t> sizes;
  WholeRecords whole;
  for (const std::filesystem::path& file : *files) {
    const Result<std::string> contents = ReadWhole(file, env);
    if (!contents) return std::unexpected(contents.error());
    if (const auto torn = FindTornRecord(*contents)) {
      sizes[file.lexically_normal()] = *torn;
      whole.left_out_bytes += contents->size() - *torn;
    }
  }
  if (sizes.empty()) return whole;
  whole.env = rocksdb::NewCompositeEnv(
      std::make_shared<ShorterFiles>(env->GetFileSystem(), std::move(sizes)));
  return whole;
}

}  // namespace coupond::storage

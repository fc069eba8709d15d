#include "storage/files/file_rewrite.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/transaction_log.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "storage/files/env_files.h"
#include "storage/files/rocksdb_status.h"

namespace coupond::storage {
namespace {

/// More ranges than this are rewritten as one that covers them all: each costs a look at every
/// level.
constexpr std::size_t kRangesMax = 64;
/// RocksDB deletes files on threads of its own, and most readers finish soon.
constexpr std::chrono::milliseconds kPatience{1'000};
constexpr std::chrono::milliseconds kLookInterval{5};

/// Calls `done` now and then until it returns true. Returns false if that takes too long.
template <typename Done>
Result<bool> Await(const std::atomic<bool>& stop, Done done) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const bool is_done = TRY(done());
    if (is_done) return true;
    if (stop || std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kLookInterval);
  }
}

/// Returns the range that covers all of them.
KeySpan Cover(const std::vector<KeySpan>& ranges) {
  KeySpan all = ranges.front();
  for (const KeySpan& range : ranges) {
    all.first = std::min(all.first, range.first);
    all.last = std::max(all.last, range.last);
  }
  return all;
}

/// Returns the number of a WAL by its name, "000123.log"; 0 if it is another file.
std::uint64_t WalNumber(std::string_view name) {
  constexpr std::string_view kSuffix = ".log";
  if (!name.ends_with(kSuffix)) return 0;
  name.remove_suffix(kSuffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

}  // namespace

FileRewrite::FileRewrite(rocksdb::DB& db, const std::filesystem::path& directory, rocksdb::Env* env,
                         std::vector<KeySpan> ranges)
    : db_(db),
      directory_(directory),
      env_(env),
      ranges_(ranges.size() <= kRangesMax ? std::move(ranges) : std::vector{Cover(ranges)}),
      since_(db.GetLatestSequenceNumber()) {}

Result<bool> FileRewrite::Continue(const std::atomic<bool>& stop) {
  bool gone = TRY(Await(stop, [&]() -> Result<bool> { return rewritten_ || NobodyReadsBefore(); }));
  if (gone) {
    TRY(rewritten_ ? DeleteLeftovers() : RewriteAll(stop));
    gone = TRY(Await(stop, [&] { return AreGone(); }));
    // Otherwise a power failure could bring back their names.
    if (gone) TRY(SyncDirectory(directory_, env_));
  }
  if (!gone && stop) return MakeError(ErrorCode::kUnavailable, "stopped");
  return gone;
}

Status FileRewrite::RewriteAll(const std::atomic<bool>& stop) {
  std::set<std::string> tables = TRY(ListTables());
  const std::uint64_t present_wal = TRY(PresentWal());
  TRY(Check(db_.Flush(rocksdb::FlushOptions())));
  for (const KeySpan& range : ranges_) TRY(Rewrite(range, stop));
  TRY(DeleteLeftovers());
  TRY(DeleteWalsBefore(present_wal));
  old_tables_ = std::move(tables);
  rewritten_ = true;
  return {};
}

Status FileRewrite::Check(const rocksdb::Status& status) const {
  if (status.ok()) return {};
  if (status.IsIncomplete()) return MakeError(ErrorCode::kUnavailable, "stopped");
  return RocksDbError(status, ErrorCode::kIo, "cannot rewrite the files in " + directory_.string());
}

bool FileRewrite::NobodyReadsBefore() const {
  std::uint64_t oldest = 0;
  const bool known = db_.GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest);
  return !known || oldest == 0 || oldest >= since_;
}

Status FileRewrite::Rewrite(const KeySpan& range, const std::atomic<bool>& stop) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  // RocksDB only reads it.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  options.canceled = const_cast<std::atomic<bool>*>(&stop);
  const rocksdb::Slice first(range.first);
  const rocksdb::Slice last(range.last);
  return Check(db_.CompactRange(options, &first, &last));
}

// RocksDB keeps a WAL of an earlier process, although it has replayed it, until it flushes
// something new, and finds it only when it looks at the whole directory, as it does here.
Status FileRewrite::DeleteLeftovers() {
  TRY(Check(db_.Flush(rocksdb::FlushOptions())));
  TRY(Check(db_.DisableFileDeletions()));
  return Check(db_.EnableFileDeletions(/*force=*/false));
}

// RocksDB keeps a WAL in which an earlier process left only the beginning of a write until
// something new is flushed, which an idle server never does. What was in any WAL before the present
// one has been flushed, and RocksDB does not miss a file that it has nothing from.
Status FileRewrite::DeleteWalsBefore(std::uint64_t number) const {
  for (const std::string& name : TRY(ListDirectory(directory_, env_))) {
    const std::uint64_t wal = WalNumber(name);
    if (wal == 0 || wal >= number) continue;
    const rocksdb::Status deleted = db_.GetEnv()->DeleteFile(directory_ / name);
    if (!deleted.IsNotFound() && !deleted.IsPathNotFound()) TRY(Check(deleted));
  }
  return {};
}

Result<std::uint64_t> FileRewrite::PresentWal() const {
  std::unique_ptr<rocksdb::LogFile> wal;
  TRY(Check(db_.GetCurrentWalFile(&wal)));
  return wal->LogNumber();
}

Result<std::set<std::string>> FileRewrite::ListTables() const {
  std::set<std::string> tables;
  for (std::string& name : TRY(ListDirectory(directory_, env_))) {
    if (name.ends_with(".sst")) tables.insert(std::move(name));
  }
  return tables;
}

Result<bool> FileRewrite::AreGone() const {
  std::vector<rocksdb::LiveFileMetaData> live;
  db_.GetLiveFilesMetaData(&live);
  std::set<std::string> in_use;
  for (const rocksdb::LiveFileMetaData& file : live) {
    in_use.insert(file.name.substr(file.name.starts_with('/') ? 1 : 0));
  }
  const std::uint64_t present_wal = TRY(PresentWal());
  for (const std::string& name : TRY(ListDirectory(directory_, env_))) {
    if (old_tables_.contains(name) && !in_use.contains(name)) return false;
    const std::uint64_t wal = WalNumber(name);
    if (wal != 0 && wal != present_wal && !IsEmpty(name)) return false;
  }
  return true;
}

bool FileRewrite::IsEmpty(const std::string& name) const {
  std::uint64_t bytes = 0;
  const rocksdb::Status found = db_.GetEnv()->GetFileSize(directory_ / name, &bytes);
  return found.IsNotFound() || found.IsPathNotFound() || (found.ok() && bytes == 0);
}

}  // namespace coupond::storage

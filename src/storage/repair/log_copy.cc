#include "storage/repair/log_copy.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

#include "base/check.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"

namespace coupond::storage {
namespace {

/// Few enough to be held twice, enough to make the cost of a write small.
constexpr std::size_t kBatchBytes = 1'024 * 1'024;
/// The live log, the views and one copy. Each flushes with one thread and compacts with another.
constexpr int kDatabases = 3;

/// All databases of the process share RocksDB's threads, and each by itself asks for one of a kind.
/// A copy's disk may hang; the live log's flush must not wait behind it, because issuing waits for
/// the flush.
void ReserveThreads(rocksdb::Env& env) {
  env.IncBackgroundThreadsIfNeeded(kDatabases, rocksdb::Env::Priority::HIGH);
  env.IncBackgroundThreadsIfNeeded(kDatabases, rocksdb::Env::Priority::LOW);
}

constexpr int kRemovedNamesMax = 100;

/// Returns "20260101T020000Z".
std::string CompactTime(Timestamp time) {
  const std::time_t seconds = time.unix_nanoseconds() / 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return {text.data(), size};
}

}  // namespace

Result<std::unique_ptr<LogCopy>> LogCopy::Create(const std::filesystem::path& directory,
                                                 rocksdb::Env* env) {
  TRY(MakePrivateDirectory(directory, env));
  rocksdb::Options options = LogOptions(env);
  options.create_if_missing = true;
  options.error_if_exists = true;
  options.max_open_files = kOpenFilesOfACopy;
  ReserveThreads(*options.env);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, directory, &db);
  if (!opened.ok()) {
    return RocksDbError(opened, ErrorCode::kLogDamaged,
                        "cannot make a log in " + directory.string());
  }
  return std::unique_ptr<LogCopy>(new LogCopy(directory, env, std::unique_ptr<rocksdb::DB>(db)));
}

LogCopy::LogCopy(std::filesystem::path directory, rocksdb::Env* env,
                 std::unique_ptr<rocksdb::DB> db)
    : directory_(std::move(directory)), env_(env), db_(std::move(db)) {}

LogCopy::~LogCopy() = default;

Status LogCopy::Add(GroupNumber number, std::string_view record) {
  COUPOND_CHECK(db_ != nullptr);
  COUPOND_CHECK(number == last_.Next());
  last_ = number;
  const rocksdb::Status added =
      batch_.Put(LogKey(number), rocksdb::Slice(record.data(), record.size()));
  COUPOND_CHECK(added.ok());
  return batch_.GetDataSize() >= kBatchBytes ? WriteBatch() : Status();
}

Status LogCopy::Finish() {
  TRY(WriteBatch());
  // Without a WAL, what makes it durable is the flush, which syncs the tables and their list.
  rocksdb::Status done = db_->Flush(rocksdb::FlushOptions());
  if (done.ok()) done = db_->Close();
  if (!done.ok()) {
    return RocksDbError(done, ErrorCode::kLogDamaged,
                        "cannot finish the log in " + directory_.string());
  }
  db_.reset();
  return SyncDirectory(directory_, env_);
}

Status LogCopy::WriteBatch() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  const rocksdb::Status written = db_->Write(options, &batch_);
  batch_.Clear();
  if (written.ok()) return {};
  return RocksDbError(written, ErrorCode::kLogDamaged,
                      "cannot write to the log in " + directory_.string());
}

Result<LogTip> CopyLog(const LogReader& log, const std::filesystem::path& directory,
                       const std::function<Status(GroupNumber)>& before_group, rocksdb::Env* env) {
  std::unique_ptr<LogCopy> copy = TRY(LogCopy::Create(directory, env));
  LogTip tip;
  EventCodec codec;
  std::string record;
  const auto add = [&](const CommitGroup& group, const GroupHash& hash) -> Status {
    TRY(before_group(group.number));
    // The hash vouches for the payload: it is that of the original. The size and the holders, which
    // it does not cover, are written from the group as it was read.
    if (codec.Write(group, tip.hash, record) != hash) {
      return MakeError(ErrorCode::kLogUndecodable,
                       "group " + std::to_string(group.number.value()) +
                           " was written by a program that writes differently; copy the data "
                           "directory with the server stopped");
    }
    tip = TipOf(group, hash);
    return copy->Add(group.number, record);
  };
  TRY(log.Read(GroupNumber(1), add));
  TRY(before_group(tip.group.Next()));
  TRY(copy->Finish());
  copy.reset();
  // Read back what is on disk: that it opens, and ends where it should.
  const auto written = TRY(RocksDbEventLog::Open(directory, RocksDbEventLog::Mode::kReadOnly, env));
  if (written->Tip() != tip) {
    return MakeError(ErrorCode::kLogDamaged,
                     "the copy in " + directory.string() + " does not end where the log does");
  }
  return tip;
}

Result<std::filesystem::path> RemovedName(const std::filesystem::path& data_directory,
                                          const Clock& clock) {
  const std::string name = "removed-" + CompactTime(clock.Now());
  std::filesystem::path path;
  for (int i = 1; i <= kRemovedNamesMax; ++i) {
    path = data_directory / (i == 1 ? name : name + "-" + std::to_string(i));
    const bool taken = TRY(Exists(path));
    if (!taken) break;
  }
  return path;
}

Status ExchangeDirectories(const std::filesystem::path& one, const std::filesystem::path& other) {
  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS && errno != EXDEV) {
    return SystemError("exchange with the new log", other, errno);
  }
  return MakeError(ErrorCode::kIo,
                   "the file system of " + other.string() +
                       " cannot exchange two directories in one step; copy the data directory to "
                       "one that can (ext4, XFS, Btrfs, tmpfs), and repair it there");
}

}  // namespace coupond::storage

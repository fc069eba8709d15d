#include "storage/rocksdb_log/raw_rows.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "storage/files/directory.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/files/rocksdb_version.h"
#include "storage/rocksdb_log/wal_records.h"

namespace coupond::storage {
namespace {

/// Before try N + 1 there is a pause of N times this.
constexpr std::chrono::milliseconds kPause{20};
constexpr int kTries = 5;

ErrorCode DamageOf(RawRows::Database database) {
  return database == RawRows::Database::kLog ? ErrorCode::kLogDamaged : ErrorCode::kViewsDamaged;
}

std::string_view NameOf(RawRows::Database database) {
  return database == RawRows::Database::kLog ? "the log" : "the views";
}

/// Groups are read once and in order, rows of views in any.
rocksdb::ReadOptions ScanOptions(RawRows::Database database) {
  if (database == RawRows::Database::kLog) return LogReadOptions();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 1'024 * 1'024;
  return options;
}

Status CheckIsThere(const std::filesystem::path& directory, RawRows::Database database,
                    rocksdb::Env* env) {
  const Result<bool> there = Exists(directory / "CURRENT", env);
  if (!there || *there) return {};  // RocksDB describes an error better
  const bool log = database == RawRows::Database::kLog;
  return MakeError(log ? ErrorCode::kLogMissing : ErrorCode::kViewsDamaged,
                   "there is nothing to read in " + directory.string() +
                       " (its file CURRENT is missing)" +
                       (log ? "; put the log back from a copy" : ""));
}

std::unexpected<Error> ChangesTooFast(const std::filesystem::path& directory) {
  return MakeError(ErrorCode::kIo, "cannot read the log in " + directory.string() +
                                       ", because its files change too fast; try again");
}

/// RocksDB reads the list of files first, and then the WALs. It misses one that is flushed and
/// removed in between with all its groups, and nothing fails.
Result<ReadOnlyLog> OpenLog(const std::filesystem::path& directory,
                            const rocksdb::Options& options) {
  const std::vector<std::string> wals = TRY(ListWals(directory, options.env));
  Result<ReadOnlyLog> log = OpenLogReadOnly(directory, options);
  if (!log) return log;
  for (const std::string& wal : wals) {
    if (!TRY(Exists(directory / wal, options.env))) return ChangesTooFast(directory);
  }
  if (log->whole.left_out.empty()) return log;
  // A record that was half written when our reader met it may be complete by now, and RocksDB may
  // have read what follows in the next WAL.
  if (TRY(ListWals(directory, options.env)) != wals) return ChangesTooFast(directory);
  return log;
}

Result<ReadOnlyLog> OpenViews(const std::filesystem::path& directory,
                              const rocksdb::Options& options) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(options, directory, &db);
  if (opened.ok()) return ReadOnlyLog({}, nullptr, std::unique_ptr<rocksdb::DB>(db));
  return RocksDbError(opened, ErrorCode::kViewsDamaged,
                      "cannot open the views in " + directory.string());
}

Result<ReadOnlyLog> OpenDatabase(const std::filesystem::path& directory, RawRows::Database database,
                                 rocksdb::Env* env) {
  TRY(CheckIsThere(directory, database, env));
  const bool log = database == RawRows::Database::kLog;
  rocksdb::Options options = log ? LogOptions(env) : ViewOptions(env);
  // Opens all files now, so that they stay readable when a running server removes them.
  options.max_open_files = -1;
  return log ? OpenLog(directory, options) : OpenViews(directory, options);
}

}  // namespace

Result<std::unique_ptr<RawRows>> RawRows::Open(const std::filesystem::path& directory,
                                               Database database, rocksdb::Env* env) {
  TRY(CheckRocksDbVersion());
  for (int tries = 1;; ++tries) {
    Result<ReadOnlyLog> rows = OpenDatabase(directory, database, env);
    if (rows) {
      return std::unique_ptr<RawRows>(new RawRows(directory, database, std::move(*rows)));
    }
    if (tries == kTries) return std::unexpected(std::move(rows.error()));
    std::this_thread::sleep_for(tries * kPause);
  }
}

RawRows::RawRows(std::filesystem::path directory, Database database, ReadOnlyLog rows)
    : directory_(std::move(directory)), database_(database), rows_(std::move(rows)) {}

RawRows::~RawRows() = default;

Result<std::optional<std::string>> RawRows::Find(std::string_view key) const {
  std::string value;
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  const rocksdb::Status found = rows_.db->Get(options, rocksdb::Slice(key), &value);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) {
    return RocksDbError(
        found, DamageOf(database_),
        "cannot read " + std::string(NameOf(database_)) + " in " + directory_.string());
  }
  return value;
}

Result<std::optional<std::string>> RawRows::LastKey() const {
  const std::unique_ptr<rocksdb::Iterator> last(rows_.db->NewIterator(ScanOptions(database_)));
  last->SeekToLast();
  if (last->Valid()) return last->key().ToString();
  if (!last->status().ok()) {
    return RocksDbError(
        last->status(), DamageOf(database_),
        "cannot read the end of " + std::string(NameOf(database_)) + " in " + directory_.string());
  }
  return std::nullopt;
}

RawRows::Cursor::Cursor(const RawRows& rows, std::string_view first_key)
    : rows_(&rows), position_(rows.rows_.db->NewIterator(ScanOptions(rows.database_))) {
  position_->Seek(rocksdb::Slice(first_key));
}
RawRows::Cursor::~Cursor() = default;
RawRows::Cursor::Cursor(Cursor&&) noexcept = default;

bool RawRows::Cursor::Valid() const { return position_->Valid(); }
void RawRows::Cursor::Next() { position_->Next(); }
std::string_view RawRows::Cursor::key() const { return position_->key().ToStringView(); }
std::string_view RawRows::Cursor::value() const { return position_->value().ToStringView(); }

Status RawRows::Cursor::status() const {
  if (position_->status().ok()) return {};
  return RocksDbError(
      position_->status(), DamageOf(rows_->database_),
      "cannot read " + std::string(NameOf(rows_->database_)) + " in " + rows_->directory_.string());
}

}  // namespace coupond::storage

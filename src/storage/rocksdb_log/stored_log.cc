#include "storage/rocksdb_log/stored_log.h"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/rocksdb_log/shown_files.h"
#include "storage/rocksdb_log/wal_records.h"

namespace coupond::storage {
namespace {

Result<std::unique_ptr<rocksdb::DB>> OpenDatabase(const std::filesystem::path& directory,
                                                  const rocksdb::Options& options) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(options, directory, &db);
  if (opened.ok()) return std::unique_ptr<rocksdb::DB>(db);
  return RocksDbError(opened, ErrorCode::kLogDamaged,
                      "cannot open the log in " + directory.string());
}

/// Returns the files of `env` with the WALs empty.
Result<std::shared_ptr<rocksdb::Env>> HideWals(const std::filesystem::path& directory,
                                               rocksdb::Env& env) {
  std::map<std::filesystem::path, ShownFile> files;
  for (const std::string& wal : TRY(ListWals(directory, &env))) files[directory / wal].size = 0;
  return ShowFiles(env, std::move(files));
}

/// Returns the last group in any table in the log's directory, whether or not the list of files
/// names it. Skips a table that cannot be read: it may be one that was never finished. kIo.
Result<GroupNumber> LastGroupInTables(const std::filesystem::path& log, rocksdb::Env* env) {
  GroupNumber last;
  for (const std::string& name : TRY(ListDirectory(log, env))) {
    if (!name.ends_with(".sst")) continue;
    rocksdb::SstFileReader table(LogOptions(env));
    if (!table.Open(log / name).ok()) continue;
    const std::unique_ptr<rocksdb::Iterator> row(table.NewIterator(LogReadOptions()));
    row->SeekToLast();
    if (!row->Valid()) continue;
    last = std::max(last, ParseLogKey(row->key().ToStringView()).value_or(GroupNumber()));
  }
  return last;
}

/// A list of files that lost its end may lack tables that exist, and that opening for writing would
/// remove.
Status CheckTables(const std::filesystem::path& directory, const rocksdb::Options& options,
                   rocksdb::DB& db) {
  const GroupNumber last = TRY(LastGroupInTables(directory, options.env));
  const std::unique_ptr<rocksdb::Iterator> rows(db.NewIterator(LogReadOptions()));
  rows->Seek(LogKey(last));
  if (rows->Valid() || last == GroupNumber()) return {};
  return MakeError(ErrorCode::kLogDamaged,
                   "the list of files in " + directory.string() +
                       " has lost its end, and with it a table that holds group " +
                       std::to_string(last.value()) + "; put the list back from a copy");
}

std::unexpected<Error> ChangesTooFast(const std::filesystem::path& directory) {
  return MakeError(ErrorCode::kIo, "cannot read the log in " + directory.string() +
                                       ", because its files change too fast; try again");
}

/// Opens a log that a server may be using. RocksDB reads the list of files first, and then the
/// WALs: it misses one that is flushed and removed in between with all its groups, and nothing
/// fails.
Result<ReadOnlyLog> OpenBesideAServer(const std::filesystem::path& directory,
                                      const rocksdb::Options& options) {
  const std::vector<std::string> wals = TRY(ListWals(directory, options.env));
  ReadOnlyLog log = TRY(OpenLogReadOnly(directory, options));
  for (const std::string& wal : wals) {
    if (!TRY(Exists(directory / wal, options.env))) return ChangesTooFast(directory);
  }
  // A record that was half written when our reader met it may be complete by now, and RocksDB may
  // have read what follows in the next WAL.
  if (!log.whole.left_out.empty() && TRY(ListWals(directory, options.env)) != wals) {
    return ChangesTooFast(directory);
  }
  return log;
}

}  // namespace

Status CheckLogIsThere(const std::filesystem::path& directory, rocksdb::Env* env) {
  if (TRY(Exists(directory / "CURRENT", env))) return {};
  return MakeError(ErrorCode::kLogMissing,
                   "there is no log in " + directory.string() +
                       " (its file CURRENT is missing); put the log back from a copy");
}

ReadOnlyLog::ReadOnlyLog(WholeRecords records, std::shared_ptr<rocksdb::Env> env,
                         std::unique_ptr<rocksdb::DB> database)
    : whole(std::move(records)), visible(std::move(env)), db(std::move(database)) {}
ReadOnlyLog::~ReadOnlyLog() = default;
ReadOnlyLog::ReadOnlyLog(ReadOnlyLog&&) noexcept = default;

Result<ReadOnlyLog> OpenLogReadOnly(const std::filesystem::path& directory,
                                    const rocksdb::Options& options, WalReading reading) {
  TRY(CheckWalOrder(directory, options.env));
  WholeRecords whole = TRY(FindWholeRecords(directory, options.env, reading));
  // Without the end of the list, RocksDB must say itself what it finds.
  if (whole.list_is_torn) whole.groups = nullptr;
  std::shared_ptr<rocksdb::Env> visible = whole.env;
  if (whole.groups) {
    visible = TRY(HideWals(directory, visible ? *visible : *options.env));
  }
  rocksdb::Options shown = options;
  if (visible) shown.env = visible.get();
  std::unique_ptr<rocksdb::DB> db = TRY(OpenDatabase(directory, shown));
  if (whole.list_is_torn) TRY(CheckTables(directory, options, *db));
  return ReadOnlyLog(std::move(whole), std::move(visible), std::move(db));
}

Error ErrorOf(const RecordFault& fault, const std::filesystem::path& directory) {
  return {.code = ErrorCodeOf(fault.kind),
          .message = "group " + std::to_string(fault.group.value()) + " of the log in " +
                     directory.string() + ": " + fault.detail};
}

Result<std::unique_ptr<StoredLog>> StoredLog::Open(const std::filesystem::path& directory,
                                                   rocksdb::Env* env, RecordFormat format) {
  TRY(CheckRocksDbVersion());
  TRY(CheckLogIsThere(directory, env));
  rocksdb::Options options = LogOptions(env);
  // Opens all files now, so that they stay readable when a running server removes them.
  options.max_open_files = -1;
  ReadOnlyLog opened = TRY(OpenBesideAServer(directory, options));
  std::unique_ptr<StoredLog> log(new StoredLog(directory, std::move(opened), format));
  TRY(log->FindTip());
  return log;
}

StoredLog::StoredLog(std::filesystem::path directory, ReadOnlyLog log, RecordFormat format)
    : directory_(std::move(directory)), log_(std::move(log)), format_(format) {}
StoredLog::~StoredLog() = default;

Status StoredLog::FindTip() {
  const std::unique_ptr<rocksdb::Iterator> last(log_.db->NewIterator(LogReadOptions()));
  last->SeekToLast();
  if (!last->status().ok()) {
    return RocksDbError(last->status(), ErrorCode::kLogDamaged,
                        "cannot read the end of the log in " + directory_.string());
  }
  if (!last->Valid()) return {};
  tip_.group = ParseLogKey(last->key().ToStringView()).value_or(GroupNumber());
  const Result<CommitRecord> record = ParseRecord(last->value().ToStringView(), format_);
  if (!record) return {};
  if (const Result<CommitGroup> group = EventCodec(format_).Decode(*record)) {
    tip_ = {.group = tip_.group,
            .sequence = group->last_sequence(),
            .time = group->commit_time,
            .hash = record->hash};
  }
  return {};
}

Status StoredLog::Read(GroupNumber first, const Visitor& visit) const {
  Groups groups(*this);
  while (true) {
    const auto next = groups.Next();
    if (!next) {
      const auto* const fault = std::get_if<RecordFault>(&next.error());
      return std::unexpected(fault != nullptr ? ErrorOf(*fault, directory_)
                                              : std::get<Error>(next.error()));
    }
    if (!*next) return {};
    if ((*next)->group.number >= first) TRY(visit((*next)->group, (*next)->hash));
  }
}

Status StoredLog::VisitRecords(const RecordVisitor& visit) const {
  const std::unique_ptr<rocksdb::Iterator> record(log_.db->NewIterator(LogReadOptions()));
  for (record->SeekToFirst(); record->Valid(); record->Next()) {
    visit(record->value().ToStringView());
  }
  if (record->status().ok()) return {};
  return RocksDbError(record->status(), ErrorCode::kLogDamaged,
                      "cannot read the log in " + directory_.string());
}

StoredLog::Groups::Groups(const StoredLog& log)
    : log_(log),
      position_(log.log_.db->NewIterator(LogReadOptions())),
      chain_(LogTip(), log.format_) {
  position_->SeekToFirst();
}
StoredLog::Groups::~Groups() = default;

std::expected<std::optional<CheckedRecord>, LogFault> StoredLog::Groups::Next() {
  if (!position_->Valid()) {
    if (position_->status().ok()) return std::nullopt;
    return RocksDbError(position_->status(), ErrorCode::kLogDamaged,
                        "cannot read the log in " + log_.directory_.string());
  }
  TRY(chain_.CheckKey(position_->key().ToStringView()));
  CheckedRecord record = TRY(chain_.Take(position_->value().ToStringView()));
  position_->Next();
  return record;
}

}  // namespace coupond::storage

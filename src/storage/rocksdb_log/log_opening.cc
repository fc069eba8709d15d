#include "storage/rocksdb_log/log_opening.h"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storage/files/directory.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/format/commit_record.h"
#include "storage/rocksdb_log/shown_files.h"

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

}  // namespace

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

}  // namespace coupond::storage

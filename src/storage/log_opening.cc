#include "storage/log_opening.h"

#include <rocksdb/db.h>

#include <utility>

#include "storage/rocksdb_status.h"
#include "storage/wal_order.h"

namespace coupond::storage {
namespace {

Result<std::unique_ptr<rocksdb::DB>> OpenDatabase(const std::filesystem::path& directory,
                                                  const rocksdb::Options& options) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(options, directory, &db);
  if (!opened.ok()) {
    return RocksDbError(opened, ErrorCode::kLogDamaged,
                        "cannot open the log in " + directory.string());
  }
  return std::unique_ptr<rocksdb::DB>(db);
}

}  // namespace

ReadOnlyLog::ReadOnlyLog(WholeRecords records, std::unique_ptr<rocksdb::DB> database)
    : whole(std::move(records)), db(std::move(database)) {}
ReadOnlyLog::~ReadOnlyLog() = default;
ReadOnlyLog::ReadOnlyLog(ReadOnlyLog&&) noexcept = default;

Result<ReadOnlyLog> OpenLogReadOnly(const std::filesystem::path& directory,
                                    const rocksdb::Options& options) {
  if (Status ordered = CheckWalOrder(directory, options.env); !ordered) {
    return std::unexpected(std::move(ordered.error()));
  }
  Result<WholeRecords> whole = FindWholeRecords(directory, options.env);
  if (!whole) return std::unexpected(std::move(whole.error()));
  rocksdb::Options shown = options;
  if (whole->env) shown.env = whole->env.get();
  Result<std::unique_ptr<rocksdb::DB>> db = OpenDatabase(directory, shown);
  if (!db) return std::unexpected(std::move(db.error()));
  return ReadOnlyLog(std::move(*whole), std::move(*db));
}

}  // namespace coupond::storage

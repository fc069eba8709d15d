#include "log_ceiling.h"

#include <rocksdb/db.h>

#include <memory>

#include "base/check.h"
#include "storage/files/rocksdb_options.h"

namespace coupond::bench {

std::vector<LogRecord> ReadRecords(const std::filesystem::path& log) {
  rocksdb::Options options = storage::LogOptions(nullptr);
  rocksdb::DB* opened = nullptr;
  COUPOND_CHECK(rocksdb::DB::OpenForReadOnly(options, log, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  const std::unique_ptr<rocksdb::Iterator> position(db->NewIterator(storage::LogReadOptions()));
  std::vector<LogRecord> records;
  for (position->SeekToFirst(); position->Valid(); position->Next()) {
    records.push_back({position->key().ToString(), position->value().ToString()});
  }
  COUPOND_CHECK(position->status().ok());
  return records;
}

std::chrono::duration<double> WriteRecords(const std::vector<LogRecord>& records,
                                           const std::filesystem::path& directory) {
  rocksdb::Options options = storage::LogOptions(nullptr);
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  COUPOND_CHECK(rocksdb::DB::Open(options, directory, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  const auto begin = std::chrono::steady_clock::now();
  for (const LogRecord& record : records) {
    COUPOND_CHECK(db->Put(storage::LogWriteOptions(), record.key, record.value).ok());
  }
  return std::chrono::steady_clock::now() - begin;
}

}  // namespace coupond::bench

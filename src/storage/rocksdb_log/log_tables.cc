#include "storage/rocksdb_log/log_tables.h"

#include <rocksdb/iterator.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/big_endian.h"
#include "storage/files/directory.h"
#include "storage/files/rocksdb_options.h"

namespace coupond::storage {

Result<GroupNumber> LastGroupInTables(const std::filesystem::path& log, rocksdb::Env* env) {
  const Result<std::vector<std::string>> names = ListDirectory(log, env);
  if (!names) return std::unexpected(names.error());
  GroupNumber last;
  for (const std::string& name : *names) {
    if (!name.ends_with(".sst")) continue;
    rocksdb::SstFileReader table(LogOptions(env));
    if (!table.Open(log / name).ok()) continue;
    const std::unique_ptr<rocksdb::Iterator> row(table.NewIterator(LogReadOptions()));
    row->SeekToLast();
    if (!row->Valid() || row->key().size() != kBigEndianBytes) continue;
    last = std::max(last, GroupNumber(ReadBigEndian(row->key().ToStringView())));
  }
  return last;
}

}  // namespace coupond::storage

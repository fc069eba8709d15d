#include "storage/rocksdb_log/wal_order.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "storage/files/directory.h"
#include "storage/files/rocksdb_status.h"
#include "storage/rocksdb_log/log_fragment.h"

namespace coupond::storage {
namespace {

/// RocksDB's own number of the first entry, with which the first record begins. Nothing: there is
/// no whole record, which RocksDB judges better.
Result<std::optional<std::uint64_t>> FirstEntryOf(const std::filesystem::path& wal,
                                                  rocksdb::Env* env) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status done = env->NewSequentialFile(wal, &file, {});
  std::string buffer(kLogBlockBytes, '\0');
  rocksdb::Slice block;
  if (done.ok()) done = file->Read(buffer.size(), &block, buffer.data());
  if (!done.ok()) return RocksDbError(done, ErrorCode::kLogDamaged, "cannot read " + wal.string());
  const std::optional<Fragment> first = ReadFragment(block.ToStringView(), 0);
  std::uint64_t entry = 0;
  if (!first || first->payload.size() < sizeof entry) return std::nullopt;
  for (std::size_t i = sizeof entry; i-- > 0;) {
    entry = entry << 8U | static_cast<std::uint8_t>(first->payload[i]);
  }
  return entry;
}

}  // namespace

Result<std::vector<std::string>> ListWals(const std::filesystem::path& log, rocksdb::Env* env) {
  Result<std::vector<std::string>> names = ListDirectory(log, env);
  if (!names) return names;
  std::erase_if(*names, [](const std::string& name) { return !name.ends_with(".log"); });
  // Their names are numbers with at least six digits.
  std::sort(names->begin(), names->end(), [](const std::string& left, const std::string& right) {
    return std::pair(left.size(), left) < std::pair(right.size(), right);
  });
  return names;
}

Status CheckWalOrder(const std::filesystem::path& log, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const Result<std::vector<std::string>> wals = ListWals(log, env);
  if (!wals) return std::unexpected(wals.error());
  std::optional<std::uint64_t> last;
  for (const std::string& wal : *wals) {
    const Result<std::optional<std::uint64_t>> first = FirstEntryOf(log / wal, env);
    if (!first) return std::unexpected(first.error());
    if (!*first) continue;
    if (last && **first <= *last) {
      return MakeError(ErrorCode::kLogDamaged,
                       (log / wal).string() +
                           " begins with older entries than the WAL file before it, so it is not "
                           "the file that was there; put the files of the log back from a copy");
    }
    last = *first;
  }
  return {};
}

}  // namespace coupond::storage

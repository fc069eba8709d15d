#include "storage/rocksdb_log/past_damage.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/files/rocksdb_status.h"
#include "storage/rocksdb_log/log_fragment.h"
#include "storage/rocksdb_log/shown_files.h"
#include "storage/rocksdb_log/wal_order.h"
#include "storage/rocksdb_log/write_head.h"

namespace coupond::storage {
namespace {

/// A type that RocksDB does not know, and passes over with its payload.
constexpr std::uint8_t kHiddenType = 0x40;

/// The write that begins in a fragment, whether or not that is whole.
std::optional<WriteHead> HeadAt(std::string_view wal, std::size_t at) {
  return ReadWriteHead(wal.substr(at + kFragmentHeaderBytes, kWriteHeadBytesMax));
}

/// Where to read on after the fragment at `at`, which is not whole: in its block, if its header or
/// the write in it leads to a later one; else in the next block. What only looks like a record is
/// not looked for: it could be a text that a client chose.
std::size_t NextAfter(std::string_view wal, std::size_t at, const std::optional<WriteHead>& last) {
  const std::size_t block_end = (at / kLogBlockBytes + 1) * kLogBlockBytes;
  const std::optional<WriteHead> own = HeadAt(wal, at);
  for (const std::size_t next : {at + kFragmentHeaderBytes + FragmentLength(wal, at),
                                 own ? RecordEnd(at, own->write_bytes) : block_end}) {
    if (next >= block_end || next >= wal.size() || !ReadFragment(wal, next)) continue;
    const std::optional<WriteHead> head = HeadAt(wal, next);
    if (head && (!last || head->group > last->group)) return next;
  }
  return block_end;
}

/// How a WAL is to be shown; nothing: as it is.
std::optional<ShownFile> HideDamageOf(std::string_view wal) {
  ShownFile shown;
  std::optional<WriteHead> last;
  for (std::size_t at = 0; at < wal.size();) {
    const std::size_t left = kLogBlockBytes - at % kLogBlockBytes;
    if (left < kFragmentHeaderBytes) {
      at += left;
      continue;
    }
    if (const std::optional<Fragment> fragment = ReadFragment(wal, at)) {
      const bool begins =
          fragment->type == FragmentType::kFull || fragment->type == FragmentType::kFirst;
      const auto head = begins ? ReadWriteHead(fragment->payload) : std::nullopt;
      if (head) last = head;
      at = fragment->end;
      continue;
    }
    const std::size_t next =
        wal.size() - at < kFragmentHeaderBytes ? wal.size() : NextAfter(wal, at, last);
    if (next >= wal.size()) {
      shown.size = at;
      return shown;
    }
    const std::size_t payload = at + kFragmentHeaderBytes;
    shown.headers[at] = MakeFragmentHeader(kHiddenType, wal.substr(payload, next - payload));
    at = next;
  }
  if (shown.headers.empty()) return std::nullopt;
  return shown;
}

}  // namespace

Result<std::shared_ptr<rocksdb::Env>> HideDamage(const std::filesystem::path& log,
                                                 rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const Result<std::vector<std::string>> wals = ListWals(log, env);
  if (!wals) return std::unexpected(wals.error());
  std::map<std::filesystem::path, ShownFile> files;
  for (const std::string& name : *wals) {
    std::string wal;
    const rocksdb::Status read = rocksdb::ReadFileToString(env, log / name, &wal);
    if (!read.ok())
      return RocksDbError(read, ErrorCode::kIo, "cannot read " + (log / name).string());
    if (std::optional<ShownFile> shown = HideDamageOf(wal)) files[log / name] = std::move(*shown);
  }
  if (files.empty()) return nullptr;
  return ShowFiles(*env, std::move(files));
}

}  // namespace coupond::storage

#ifndef COUPOND_STORAGE_ROCKSDB_LOG_TORN_TAIL_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_TORN_TAIL_H_

#include <cstdint>
#include <optional>

#include "storage/rocksdb_log/log_record_reader.h"
#include "storage/rocksdb_log/write_head.h"

/// The record that was being written when the power went, told apart from damage.
///
/// Such a record is cut off by the end of the file; or the file has kept its new length while
/// sectors in it were never written and read as zeros; or both. Every write is synced before the
/// next begins, so it was never acknowledged, and leaving it out is right. A record with all its
/// sectors and a wrong bit is no torn one, nor is a record that ends before the file does, one
/// whose length is wrong, nor, in a WAL, a hole with whole records behind it.
///
/// What a text that a client chose looks like does not count: a WAL's record says its length twice,
/// and where the two agree, nothing in it is taken for another record; else only what could really
/// be the next group's write is.
///
/// Where the hole takes in the record's header, its end is not known: several records that were
/// zeroed from exactly the first one's beginning (or from the beginning of the sector that its
/// header reaches into) to the end of the file look the same. What is acknowledged up to the
/// watermark is safe from that; how much was left out is told.
namespace coupond::storage {

enum class LogFileKind : std::uint8_t {
  kWal,
  /// The list of files, whose records are not groups. RocksDB writes several with one sync, so that
  /// whole ones may be behind a hole; whoever leaves them out must see that no table goes missing.
  kManifest,
};

/// Whether this is a torn record, or damage; it must not be empty. `last` is the last whole group
/// before it in the WALs; nothing: there is none.
[[nodiscard]] bool IsTornRecord(const LogTail& tail, LogFileKind kind,
                                const std::optional<WriteHead>& last);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_TORN_TAIL_H_

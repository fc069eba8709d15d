#ifndef COUPOND_STORAGE_ROCKSDB_LOG_WRITE_HEAD_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_WRITE_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/rules/ids.h"

/// How a commit group begins in the WAL: with the head of the RocksDB write that RocksDbEventLog
/// makes for it, which is one entry that puts one key.
///
/// Source: RocksDB's db/write_batch.cc: number of the first entry (8 bytes, little-endian), count
/// (4), and for each entry its kind (1) and what it puts, with lengths as protobuf has them.
namespace coupond::storage {

struct WriteHead {
  std::uint64_t entry = 0;  ///< RocksDB's own number for it, one more with each write
  GroupNumber group;
  std::size_t write_bytes = 0;  ///< of the whole write, as it says itself
};

/// No head is longer.
inline constexpr std::size_t kWriteHeadBytesMax = 27;
/// No group is written in fewer bytes.
inline constexpr std::size_t kWriteBytesMin = 55;

/// Of a record's payload, or of its beginning. Nothing: no group's write begins so.
[[nodiscard]] std::optional<WriteHead> ReadWriteHead(std::string_view payload);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_WRITE_HEAD_H_

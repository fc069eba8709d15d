#ifndef COUPOND_STORAGE_TORN_TAIL_H_
#define COUPOND_STORAGE_TORN_TAIL_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/ports/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The record that was being written when the power went.
///
/// A file can keep its new length while sectors in it were never written and read as zeros. RocksDB
/// drops a record that is cut off at the end of a file, but takes one with a hole for damage. Every
/// write is synced before the next begins, so such a record was never acknowledged, and dropping it
/// is right. A record with all its sectors and a wrong bit is no torn one, nor is a record that
/// ends before the file does, nor a hole with whole records behind it.
///
/// Where the hole takes in the record's header, its end is not known: several records that were
/// zeroed from exactly the first one's beginning (or from the beginning of the sector that its
/// header reaches into) to the end of the file look the same. What is acknowledged up to
/// the watermark is safe from that; how much was left out is told. The files are as log_fragment.h
/// says.
namespace coupond::storage {

/// Where in these bytes of a file the torn record begins. Nothing: there is none.
[[nodiscard]] std::optional<std::size_t> FindTornRecord(std::string_view file);

/// A log's files as if the record that was torn had never been begun.
struct WholeRecords {
  /// Must outlive whoever uses it. Null: nothing is torn, and the files are good as they are.
  std::shared_ptr<rocksdb::Env> env;
  std::uint64_t left_out_bytes = 0;  ///< at the ends of the files
};

/// The files of `env` (null: the system's), except that the newest WAL and the list of files in the
/// log's directory end before their torn records. Changes nothing; kIo. Must not outlive `env`.
[[nodiscard]] Result<WholeRecords> WithoutTornRecords(const std::filesystem::path& log,
                                                      rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_TORN_TAIL_H_

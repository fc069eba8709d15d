#ifndef COUPOND_STORAGE_ROCKSDB_LOG_WHOLE_RECORDS_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_WHOLE_RECORDS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The records of a log's WALs and of its list of files, before RocksDB opens them.
///
/// RocksDB takes some damage for the end of a file, and drops what is behind it without a word;
/// some of what a power failure leaves it takes for damage. So our own eyes go first over every
/// byte (log_record_reader.h), and RocksDB sees whole records only.
namespace coupond::storage {

/// A torn record at the end of a file.
struct LeftOut {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// A log's files as if the record that was torn had never been begun.
struct WholeRecords {
  /// Must outlive whoever uses it. Null: nothing is torn, and the files are good as they are.
  std::shared_ptr<rocksdb::Env> env;
  std::vector<LeftOut> left_out;
  /// The list of files is among them: it may lack tables that are there, and that opening for
  /// writing would remove.
  bool list_is_torn = false;

  [[nodiscard]] std::uint64_t left_out_bytes() const;
};

/// Reads the list of files and all WALs in the log's directory through to their ends, those of
/// `env` (null: the system's), which must outlive what is returned. Where a file cannot be read on
/// there is a torn record (torn_tail.h), which is left out, or damage: kLogDamaged. An older WAL
/// may end with a torn record too, if nothing in later ones shows that it was more than that: a
/// start that leaves it out makes a new WAL first, and may be interrupted. Files that are missing,
/// or go meanwhile, are RocksDB's to judge. Changes nothing; kIo.
[[nodiscard]] Result<WholeRecords> FindWholeRecords(const std::filesystem::path& log,
                                                    rocksdb::Env* env);

/// Whether the list of files can be read to its end, and is not torn there. kIo.
[[nodiscard]] Result<bool> ListIsWhole(const std::filesystem::path& log, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_WHOLE_RECORDS_H_

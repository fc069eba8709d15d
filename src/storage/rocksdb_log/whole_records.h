#ifndef COUPOND_STORAGE_ROCKSDB_LOG_WHOLE_RECORDS_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_WHOLE_RECORDS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/rules/ids.h"
#include "storage/rocksdb_log/wal_records.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// Reads a log's WALs and its list of files before RocksDB opens them, and tells a torn record from
/// damage.
///
/// RocksDB takes some damage for the end of a file and silently drops what is behind it; some of
/// what a power failure leaves it takes for damage. So a reader of our own (wal_records.h) reads
/// every byte first, and RocksDB sees intact records only.
///
/// A torn record is the one that was being written when the power failed. It is cut off by the end
/// of the file; or the file has its new length already while sectors in it were never written and
/// read as zeros; or both. Every write is synced before the next begins, so it was never
/// acknowledged, and leaving it out is right. Not torn but damaged is a record with all its sectors
/// and a wrong bit, one that ends before the file does, one whose length is wrong, and, in a WAL, a
/// hole with intact records behind it.
///
/// What a text that a client chose looks like does not count: a WAL's record states its length
/// twice, and where the two agree, nothing in it is taken for another record; otherwise only what
/// could really be the next group's write is.
///
/// If the hole covers the record's header, its end is unknown: several records that were zeroed
/// from exactly the beginning of the first (or of the sector that its header reaches into) to the
/// end of the file look the same. The watermark protects what was acknowledged from that; the
/// number of bytes that were left out is reported.
namespace coupond::storage {

enum class LogFileKind : std::uint8_t {
  kWal,
  /// The list of files, whose records are not groups. RocksDB writes several with one sync, so
  /// intact ones may be behind a hole; a caller that leaves them out must check that no table is
  /// missing.
  kManifest,
};

/// Reports whether this tail, which must not be empty, is a torn record; otherwise it is damage.
/// `last` is the last intact group before it in the WALs, or nullopt if there is none.
[[nodiscard]] bool IsTornRecord(const LogTail& tail, LogFileKind kind,
                                const std::optional<WriteHead>& last);

/// A torn record at the end of a file.
struct LeftOut {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// The groups that a log's WALs hold, one after the other without gaps, as they are on disk.
struct WalGroups {
  GroupNumber first;
  std::vector<std::string> records;

  [[nodiscard]] GroupNumber end() const { return first.Plus(records.size()); }
  /// Returns the group's record, or nullptr if it is not in the WALs.
  [[nodiscard]] const std::string* Find(GroupNumber group) const {
    return group < first || group >= end() ? nullptr : &records[group.value() - first.value()];
  }
};

/// A log's files as if the record that was torn had never been begun.
struct WholeRecords {
  /// Must outlive its users. Null if nothing is torn: then the files are good as they are.
  std::shared_ptr<rocksdb::Env> env;
  std::vector<LeftOut> left_out;
  /// The list of files is among them: it may lack tables that exist, and that opening for writing
  /// would remove.
  bool list_is_torn = false;
  /// Null unless they were to be kept, and the WALs hold nothing else.
  std::shared_ptr<const WalGroups> groups;

  [[nodiscard]] std::uint64_t left_out_bytes() const;
};

/// Whether the groups in the WALs are kept in memory. They take as much as RocksDB needs for them.
enum class WalReading : std::uint8_t { kCheck, kKeepGroups };

/// Reads the list of files and all WALs in the log's directory to their ends, through `env` (null:
/// the system's files), which must outlive the result. Where a file cannot be read any further
/// there is a torn record, which is left out, or damage: kLogDamaged. An older WAL may also end
/// with a torn record, if nothing in later ones shows that it was more than that: a start that
/// leaves it out creates a new WAL first, and may be interrupted. Files that are missing, or vanish
/// meanwhile, are left for RocksDB to judge. Changes nothing. kIo.
[[nodiscard]] Result<WholeRecords> FindWholeRecords(const std::filesystem::path& log,
                                                    rocksdb::Env* env,
                                                    WalReading reading = WalReading::kCheck);

/// Reports whether the list of files can be read to its end and is not torn there. kIo.
[[nodiscard]] Result<bool> ListIsWhole(const std::filesystem::path& log, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_WHOLE_RECORDS_H_

#include "storage/files/rocksdb_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>

#include <cstdarg>
#include <memory>

namespace coupond::storage {
namespace {

static_assert(
    ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8,
    "RocksDB's private file formats are read: see docs/ROCKSDB.md before you change this");

constexpr std::size_t kKilobyte = 1'024;
constexpr std::size_t kMegabyte = 1'024 * kKilobyte;

/// Turns off recovery from errors: with a full disk RocksDB would resume writing by itself within
/// seconds, although a write has been lost. Nothing is written after an uncertain write: the
/// process ends.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

/// Drops RocksDB's own log of messages.
class NoDiary final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

/// Returns the settings that the log and the views share.
rocksdb::Options CommonOptions(rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  // The caller knows whether a database must exist.
  options.create_if_missing = false;

  // Errors: found early, and final.
  options.paranoid_checks = true;
  options.force_consistency_checks = true;
  // A missing or swapped file is found at open, not at the first read.
  options.verify_sst_unique_id_in_manifest = true;
  options.skip_checking_sst_file_sizes_on_db_open = false;
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::make_shared<NoRecovery>());
  // With mapped files a read error would be a signal; it must be an error value.
  options.allow_mmap_reads = false;
  options.allow_mmap_writes = false;

  // One thread writes, so there are no other writers to overlap with or to spin for.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.unordered_write = false;
  options.two_write_queues = false;
  options.enable_pipelined_write = false;

  // One flush and one compaction at a time: the cores are for the requests.
  options.max_background_jobs = 2;
  options.max_subcompactions = 1;
  // Written in small pieces, so that a flush does not delay the log's sync.
  options.bytes_per_sync = kMegabyte;
  // Otherwise the headers of all files stay in memory, however large the store has grown.
  options.max_open_files = 256;
  // With more than one, RocksDB ends the process when the system has no thread to spare.
  options.max_file_opening_threads = 1;
  // The statistics that this would collect at each open are not used.
  options.skip_stats_update_on_db_open = true;

  // No log of messages (RocksDB's files named LOG). Debian's build has asserts on, and one of them
  // aborts the process at the line after one that could not be written: on a full disk the server
  // would end without reporting why. What matters is returned as a status.
  options.info_log = std::make_shared<NoDiary>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Keys and values hold secrets and names; they do not belong into error messages.
  options.allow_data_in_errors = false;
  // RocksDB rewrites the list of files when it has grown to this, so that opening stays quick.
  options.max_manifest_file_size = 16 * kMegabyte;
  return options;
}

}  // namespace

std::string LinkedRocksDbVersion() { return rocksdb::GetRocksVersionAsString(false); }

Status CheckRocksDbVersion(const std::string& linked) {
  if (linked == kRocksDbVersion) return {};
  return MakeError(ErrorCode::kLibraryUnsupported,
                   "this program reads the files of RocksDB " + std::string(kRocksDbVersion) +
                       ", but the RocksDB library that it found is version " + linked +
                       "; nothing was opened or changed. Install the library of version " +
                       std::string(kRocksDbVersion) + ", or use a coupond that was built for " +
                       linked);
}

rocksdb::Options LogOptions(rocksdb::Env* env) {
  rocksdb::Options options = CommonOptions(env);

  // The default mode opens after a flipped bit and silently drops every group behind it. This one
  // drops only a torn record at the very end, which was never acknowledged.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Finds a deleted or shortened WAL file that is not the last one. The last: see the watermark.
  options.track_and_verify_wals_in_manifest = true;
  options.best_efforts_recovery = false;
  // What was replayed is flushed at once, so that old WAL files retire at open.
  options.avoid_flush_during_recovery = false;

  // Durable before said: each write goes to the file and is synced, by the caller's thread.
  options.manual_wal_flush = false;
  options.use_fsync = false;  // fdatasync also makes the file's new length durable
  options.wal_bytes_per_sync = 0;
  // A used file's old records could be taken for new ones, and then no tail is "torn" any more.
  options.recycle_log_file_num = 0;
  // New in this version of RocksDB, and the bytes are not what a synced write costs.
  options.wal_compression = rocksdb::kNoCompression;
  // Retired WAL files go: the tables have all that they held.
  options.WAL_ttl_seconds = 0;
  options.WAL_size_limit_MB = 0;

  // A WAL file is as long as a write buffer: this bounds what a start must replay. Three buffers,
  // so that the sequencer goes on while one is being flushed.
  options.write_buffer_size = 32 * kMegabyte;
  options.max_write_buffer_number = 3;
  // The new table is read back before the WAL that has the same groups is removed.
  options.paranoid_file_checks = true;

  // Keys only grow, so tables never overlap, and a level is moved down without being rewritten, as
  // long as all levels are compressed alike. FIFO would delete the oldest groups.
  options.compaction_style = rocksdb::kCompactionStyleLevel;
  // Neighbouring events differ in few bits. Only the flush pays for it, not the append.
  options.compression = rocksdb::kZSTD;
  options.compression_opts.level = 1;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  // These rewrite old tables every 30 days. Nothing here ever becomes obsolete.
  options.ttl = 0;
  options.periodic_compaction_seconds = 0;

  rocksdb::BlockBasedTableOptions table;
  // Groups are read in order and once; larger blocks compress better, and a cache would only hold
  // what is not read again. Missing keys are not looked up either, so there is no filter.
  table.block_size = 64 * kKilobyte;
  table.no_block_cache = true;
  table.filter_policy = nullptr;
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::WriteOptions LogWriteOptions() {
  rocksdb::WriteOptions options;
  options.sync = true;
  options.disableWAL = false;
  return options;
}

rocksdb::ReadOptions LogReadOptions() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = false;
  options.readahead_size = 2 * kMegabyte;
  return options;
}

rocksdb::Options ViewOptions(rocksdb::Env* env) {
  rocksdb::Options options = CommonOptions(env);
  // Without a WAL a write is durable when its buffer is flushed, and buffers are flushed in order,
  // so that what a crash leaves is always the views as of one earlier write. Only Flush decides to:
  // closing must be quick, and what it would save, the log has too.
  options.avoid_flush_during_shutdown = true;
  options.atomic_flush = false;  // there is one column family

  options.write_buffer_size = 32 * kMegabyte;
  options.max_write_buffer_number = 3;

  // Otherwise the thread that closes the last cursor on a replaced file deletes it, and that is the
  // thread that answers queries. A background thread does it instead.
  options.avoid_unnecessary_blocking_io = true;

  // Rows of campaigns are rewritten often, the others never; erased campaigns leave gaps.
  options.compaction_style = rocksdb::kCompactionStyleLevel;
  // Fast to read, because pages of coupons are read while requests are served.
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  options.ttl = 0;
  options.periodic_compaction_seconds = 0;

  rocksdb::BlockBasedTableOptions table;
  table.block_size = 8 * kKilobyte;
  // For live campaigns and the pages of coupons that are in demand.
  // In few shards, each of which has room for the filter of a large table (3 MB).
  constexpr int kShardBits = 2;
  table.block_cache = rocksdb::NewLRUCache(32 * kMegabyte, kShardBits);
  // Anyone may ask for unknown campaign ids: most are answered without reading a table.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Index and filters of a large table count as cache, so that memory stays bounded.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::WriteOptions ViewWriteOptions() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

}  // namespace coupond::storage

#ifndef COUPOND_BENCH_LOG_CEILING_H_
#define COUPOND_BENCH_LOG_CEILING_H_

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace coupond::bench {

/// The key and value of one commit group in RocksDB.
struct LogRecord {
  std::string key;
  std::string value;
};

/// Reads all records of a log, which must not be open.
[[nodiscard]] std::vector<LogRecord> ReadRecords(const std::filesystem::path& log);

/// Returns the ceiling: how long RocksDB alone takes to write and sync the same records one by one,
/// with the settings of the log. `directory` must not exist yet.
[[nodiscard]] std::chrono::duration<double> WriteRecords(const std::vector<LogRecord>& records,
                                                         const std::filesystem::path& directory);

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_LOG_CEILING_H_

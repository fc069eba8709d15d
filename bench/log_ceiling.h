#ifndef COUPOND_BENCH_LOG_CEILING_H_
#define COUPOND_BENCH_LOG_CEILING_H_

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace coupond::bench {

/// The key and value of one commit group as RocksDB has it.
struct LogRecord {
  std::string key;
  std::string value;
};

/// All records of a log that nobody has open.
[[nodiscard]] std::vector<LogRecord> ReadRecords(const std::filesystem::path& log);

/// The ceiling: how long RocksDB alone takes to write and sync the same records, one after the
/// other, with the settings of the log. `directory` must not exist yet.
[[nodiscard]] std::chrono::duration<double> WriteRecords(const std::vector<LogRecord>& records,
                                                         const std::filesystem::path& directory);

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_LOG_CEILING_H_

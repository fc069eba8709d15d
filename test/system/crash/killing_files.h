#ifndef COUPOND_TEST_SYSTEM_CRASH_KILLING_FILES_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILLING_FILES_H_

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>

#include "system/crash/kill_point.h"

namespace coupond::test {

/// The system's files, with a kill switch before every operation that changes a file or makes a
/// change durable. A write at which the process is killed is half done. Any thread.
///
/// A sync is a point for a kill but does nothing: the system keeps what a killed process has
/// written, synced or not, and hundreds of kills would wait for the disk. Loss of power is tested
/// in test/faults.
class KillingFiles {
 public:
  explicit KillingFiles(KillSwitch& kill);
  [[nodiscard]] rocksdb::Env* env() { return env_.get(); }

 private:
  std::shared_ptr<rocksdb::FileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILLING_FILES_H_

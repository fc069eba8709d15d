#ifndef COUPOND_TEST_FAULTS_FAULTY_FILE_SYSTEM_H_
#define COUPOND_TEST_FAULTS_FAULTY_FILE_SYSTEM_H_

#include <rocksdb/file_system.h>

#include <memory>

namespace coupond::test {

class FaultyFiles;

/// RocksDB's way into FaultyFiles: asks it what is to become of each operation, does that, and
/// tells the model of the disk. Must not outlive `files`.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> MakeFaultyFileSystem(FaultyFiles& files);

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_FAULTY_FILE_SYSTEM_H_

#ifndef COUPOND_TEST_FAULTS_FAULTY_FILE_SYSTEM_H_
#define COUPOND_TEST_FAULTS_FAULTY_FILE_SYSTEM_H_

#include <rocksdb/file_system.h>

#include <memory>

namespace coupond::test {

class FaultyFiles;

/// Returns RocksDB's access to FaultyFiles: it asks `files` for the verdict on each operation,
/// carries it out, and informs the model of the disk. Must not outlive `files`.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> MakeFaultyFileSystem(FaultyFiles& files);

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_FAULTY_FILE_SYSTEM_H_

#ifndef COUPOND_TEST_FUZZ_TARGETS_H_
#define COUPOND_TEST_FUZZ_TARGETS_H_

#include <string_view>

/// The fuzz targets: one function for each way in which bytes from outside come in.
///
/// Each accepts any input, and ends the program if an invariant does not hold (invariant.h). It
/// keeps no state between calls, so an input that fails once always fails. README.md describes how
/// inputs are read. One thread.
namespace coupond::fuzz {

void FuzzCall(std::string_view input);
void FuzzClient(std::string_view input);
void FuzzCommitRecord(std::string_view input);
void FuzzCompression(std::string_view input);
void FuzzCouponCode(std::string_view input);
void FuzzEntryToken(std::string_view input);
void FuzzEnvelope(std::string_view input);
void FuzzHeaderForms(std::string_view input);
void FuzzHttp(std::string_view input);
void FuzzJson(std::string_view input);
void FuzzKeysFile(std::string_view input);
void FuzzPageToken(std::string_view input);
void FuzzProtobuf(std::string_view input);
void FuzzService(std::string_view input);
void FuzzStoreFiles(std::string_view input);
void FuzzTextForms(std::string_view input);
void FuzzTlsRecords(std::string_view input);
void FuzzViewRows(std::string_view input);

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_TARGETS_H_

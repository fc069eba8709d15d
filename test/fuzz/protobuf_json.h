#ifndef COUPOND_TEST_FUZZ_PROTOBUF_JSON_H_
#define COUPOND_TEST_FUZZ_PROTOBUF_JSON_H_

#include <google/protobuf/message.h>

#include <string>

#include "fuzz/message_types.h"

namespace coupond::fuzz {

/// Requires that protobuf's own JSON parser reads `json`, which ours has read as `ours`, to the
/// same message. protobuf_json.cc lists the known differences and their reasons.
void RequireProtobufReadsTheSame(const MessageType& type, const std::string& json,
                                 const google::protobuf::Message& ours);

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_PROTOBUF_JSON_H_

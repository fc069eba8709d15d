#ifndef COUPOND_TEST_FUZZ_MESSAGE_TYPES_H_
#define COUPOND_TEST_FUZZ_MESSAGE_TYPES_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "fuzz/input.h"
#include "rpc/json/json_format.h"

/// The message types that the targets of the protocol layer read and write.
namespace coupond::fuzz {

struct MessageType {
  explicit MessageType(const google::protobuf::Message& empty)
      : prototype(empty), format(empty.GetDescriptor()) {}

  [[nodiscard]] std::unique_ptr<google::protobuf::Message> New() const {
    return std::unique_ptr<google::protobuf::Message>(prototype.New());
  }

  const google::protobuf::Message& prototype;
  connect::JsonFormat format;
};

/// Chooses a type by one byte: '0' to '6' are the requests of the service, '7' is a message with
/// fields of every kind, '8' and '9' are answers.
[[nodiscard]] const MessageType& ChooseMessageType(Input& input);

enum class FieldMasks { kCompared, kIgnored };

/// Describes how two messages of one type differ; empty if they are equal. NaN equals NaN.
[[nodiscard]] std::string DifferenceOf(const google::protobuf::Message& a,
                                       const google::protobuf::Message& b,
                                       FieldMasks masks = FieldMasks::kCompared);

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_MESSAGE_TYPES_H_

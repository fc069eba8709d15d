// Records of the log: the hash and the payload of a commit group. What is accepted is understood in
// full, so it can be written again.
#include "storage/format/commit_record.h"

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "coupond/storage/v1/commit_group.pb.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "storage/format/event_codec.h"

namespace coupond::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

/// Reports whether the message has unknown fields at any depth.
bool HasUnknown(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (HasUnknown(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                          : reflection.GetMessage(message, field))) {
        return true;
      }
    }
  }
  return false;
}

void CheckPayload(storage::EventCodec& codec, std::string_view payload, const CommitGroup& group) {
  storage::v1::CommitGroup message;
  Require(message.ParseFromArray(payload.data(), static_cast<int>(payload.size())),
          "what is accepted is protobuf");
  Require(!HasUnknown(message), "what is accepted has nothing unknown in it");

  std::string written;
  codec.Append(group, written);
  // A field given twice, or an event of two kinds, would have lost something.
  Require(written.size() == payload.size(), "what is accepted is written with as many bytes");
  const Result<CommitGroup> again = codec.Decode(written);
  Require(again.has_value() && *again == group, "what is written is read back equal");
  std::string twice;
  storage::EventCodec().Append(*again, twice);
  Require(twice == written, "equal groups give equal bytes");
}

void CheckSealing(const GroupHash& previous, std::string_view payload) {
  std::string record(storage::kHashBytes, 'x');
  record += payload;
  const GroupHash hash = storage::SealRecord(previous, record);
  const Result<storage::CommitRecord> parsed = storage::ParseRecord(record);
  Require(parsed.has_value() && parsed->hash == hash && parsed->payload == payload,
          "a sealed record has its hash and its payload");
  Require(hash == storage::ChainHash(previous, payload),
          "a record is sealed with the chain's hash");
}

}  // namespace

void FuzzCommitRecord(std::string_view bytes) {
  const Result<storage::CommitRecord> record = storage::ParseRecord(bytes);
  if (!record)
    return Require(bytes.size() <= storage::kHashBytes, "only short records are refused");
  CheckSealing(record->hash, record->payload);
  storage::EventCodec codec;
  const Result<CommitGroup> group = codec.Decode(record->payload);
  if (!group) {
    Require(group.error().code == ErrorCode::kLogUndecodable && !group.error().message.empty(),
            "a refusal has its name and says why");
    return;
  }
  CheckPayload(codec, record->payload, *group);
}

}  // namespace coupond::fuzz

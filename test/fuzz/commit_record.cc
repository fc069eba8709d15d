// Records of the log: the hash, the payload and the holders of a commit group. What is accepted is
// understood in full, so it can be written again.
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

/// Requires that these bytes are such a message, and that nothing in it is unknown.
template <typename Part>
void CheckPart(std::string_view bytes) {
  Part message;
  Require(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "what is accepted is protobuf");
  Require(!HasUnknown(message), "what is accepted has nothing unknown in it");
}

void CheckGroup(storage::EventCodec& codec, const storage::CommitRecord& record,
                const CommitGroup& group) {
  CheckPart<storage::v1::CommitGroup>(record.payload);
  CheckPart<storage::v1::Holders>(record.holders);

  std::string written;
  codec.Write(group, record.hash, written);
  const Result<storage::CommitRecord> parsed = storage::ParseRecord(written);
  // A field given twice, or an event of two kinds, would have lost something.
  Require(parsed.has_value() && parsed->payload.size() == record.payload.size() &&
              parsed->holders.size() == record.holders.size(),
          "what is accepted is written with as many bytes");
  Require(parsed->hash == storage::ChainHash(record.hash, parsed->payload),
          "a record has the chain's hash");
  const Result<CommitGroup> again = codec.Decode(*parsed);
  Require(again.has_value() && *again == group, "what is written is read back equal");
  std::string twice;
  storage::EventCodec().Write(*again, record.hash, twice);
  Require(twice == written, "equal groups give equal bytes");
}

void CheckSealing(const storage::CommitRecord& record) {
  std::string bytes(storage::kRecordHeadBytes, 'x');
  bytes.append(record.payload).append(record.holders);
  const GroupHash hash = storage::SealRecord(record.hash, record.payload.size(), bytes);
  const Result<storage::CommitRecord> parsed = storage::ParseRecord(bytes);
  Require(parsed.has_value() && parsed->hash == hash && parsed->payload == record.payload &&
              parsed->holders == record.holders,
          "a sealed record has its hash and its parts");
}

void RequireNamed(const Error& error) {
  Require(error.code == ErrorCode::kLogUndecodable && !error.message.empty(),
          "a refusal has its name and says why");
}

/// Reads the record as an upgrade does.
void CheckFormat1(std::string_view bytes) {
  const Result<storage::CommitRecord> record =
      storage::ParseRecord(bytes, storage::RecordFormat::k1);
  if (!record) return RequireNamed(record.error());
  const auto group = storage::EventCodec(storage::RecordFormat::k1).Decode(*record);
  if (!group) return RequireNamed(group.error());
  std::string written;
  storage::EventCodec().Write(*group, {}, written);
  const Result<storage::CommitRecord> upgraded = storage::ParseRecord(written);
  Require(upgraded.has_value() && storage::EventCodec().Decode(*upgraded) == *group,
          "what format 1 holds can be written in format 2");
}

}  // namespace

void FuzzCommitRecord(std::string_view bytes) {
  CheckFormat1(bytes);
  const Result<storage::CommitRecord> record = storage::ParseRecord(bytes);
  if (!record) return RequireNamed(record.error());
  Require(
      storage::kRecordHeadBytes + record->payload.size() + record->holders.size() == bytes.size(),
      "a record is nothing but its parts");
  CheckSealing(*record);
  storage::EventCodec codec;
  const Result<CommitGroup> group = codec.Decode(*record);
  if (!group) return RequireNamed(group.error());
  CheckGroup(codec, *record, *group);
}

}  // namespace coupond::fuzz

#ifndef COUPOND_STORAGE_FORMAT_EVENT_CODEC_H_
#define COUPOND_STORAGE_FORMAT_EVENT_CODEC_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/event_log.h"

namespace google::protobuf {
class Arena;
}  // namespace google::protobuf

namespace coupond::storage {

/// Turns commit groups into the payload of log records and back (proto/…/commit_group.proto).
///
/// One thread at a time: an object keeps its working memory from call to call, which accounts for
/// most of its speed. Decode returns what Append was given; equal groups give equal bytes.
class EventCodec {
 public:
  EventCodec();
  ~EventCodec();
  EventCodec(const EventCodec&) = delete;
  EventCodec& operator=(const EventCodec&) = delete;

  /// Appends the payload of `group` to `bytes`. The group must be one that Decode would accept;
  /// anything else is a bug in the engine.
  void Append(const CommitGroup& group, std::string& bytes);

  /// Decodes a payload strictly: unknown kinds or fields, missing or malformed ids, impossible
  /// numbers, anything that occurs twice, and an empty group are kLogUndecodable. Never returns an
  /// event that was only half understood. Whether the group follows from the one before is checked
  /// elsewhere (record_check.h).
  [[nodiscard]] Result<CommitGroup> Decode(std::string_view payload);

 private:
  std::string fields_;  // of one event that is being written
  std::unique_ptr<char[]> first_block_;
  std::unique_ptr<google::protobuf::Arena> arena_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_EVENT_CODEC_H_

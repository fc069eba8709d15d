#ifndef COUPOND_STORAGE_FORMAT_EVENT_CODEC_H_
#define COUPOND_STORAGE_FORMAT_EVENT_CODEC_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/event.h"
#include "storage/format/commit_record.h"

namespace google::protobuf {
class Arena;
}  // namespace google::protobuf

namespace coupond::storage {

/// Turns commit groups into log records and back (commit_record.h, proto/…/commit_group.proto).
///
/// One thread at a time: an object keeps its working memory from call to call, which accounts for
/// most of its speed. Decode returns what Write was given; equal groups give equal bytes.
class EventCodec {
 public:
  /// Decodes records in `format`. Only format 2 is written.
  explicit EventCodec(RecordFormat format = RecordFormat::k2);
  ~EventCodec();
  EventCodec(const EventCodec&) = delete;
  EventCodec& operator=(const EventCodec&) = delete;

  /// Makes `record` the record of `group`, which follows on one with the hash `previous`. The group
  /// must be one that Decode would accept; anything else is a bug in the engine. Returns its hash,
  /// which covers the payload, and so not the texts of the users.
  GroupHash Write(const CommitGroup& group, const GroupHash& previous, std::string& record);

  /// Decodes a record's parts strictly: unknown kinds or fields, missing or malformed ids,
  /// impossible numbers, anything that occurs twice, texts of coupons that have no holder, and an
  /// empty group are kLogUndecodable. Never returns an event that was only half understood. Whether
  /// the group follows from the one before is checked elsewhere (record_check.h), and whether a
  /// text fits its digest by the auditor.
  [[nodiscard]] Result<CommitGroup> Decode(const CommitRecord& record);

  /// Returns the record without the texts of the coupons that `is_erased` names, and otherwise the
  /// same; nullopt if it has none of them. kLogUndecodable.
  [[nodiscard]] Result<std::optional<std::string>> WithoutTexts(
      std::string_view record, const std::function<bool(Serial)>& is_erased);

 private:
  /// Appends the payload of `group`, and adds its users' texts to holders_.
  void AppendPayload(const CommitGroup& group, std::string& bytes);
  /// Adds the text of the user who got this coupon, if there is one. `event` is its index.
  void AddHolder(std::size_t event, const CouponIssued& issued);
  [[nodiscard]] Status ReadHolders(std::string_view bytes, CommitGroup& group);

  const RecordFormat format_;
  std::string fields_;   // of one event that is being written
  std::string holders_;  // of the group that is being written
  std::unique_ptr<char[]> first_block_;
  std::unique_ptr<google::protobuf::Arena> arena_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_EVENT_CODEC_H_

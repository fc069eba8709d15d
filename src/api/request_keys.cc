#include "api/request_keys.h"

#include <chrono>
#include <concepts>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/rules/campaign.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "rpc/connect/idempotency_key.h"
#include "rpc/connect/protocol.h"

namespace coupond::api {
namespace {

/// Appends a text with its length, so that texts do not run together.
void AppendText(std::string_view text, std::string& out) {
  out.append(std::to_string(text.size())).append(":").append(text);
}

std::string TextOf(const std::string& text) { return text; }
std::string TextOf(std::integral auto number) { return std::to_string(number); }
std::string TextOf(Timestamp time) { return std::to_string(time.unix_nanoseconds()); }
std::string TextOf(std::chrono::nanoseconds duration) { return std::to_string(duration.count()); }
std::string TextOf(Sequence sequence) { return std::to_string(sequence.value()); }
std::string TextOf(const std::vector<MetadataEntry>& metadata) {
  std::string text;
  for (const MetadataEntry& entry : metadata) {
    AppendText(entry.key, text);
    AppendText(entry.value, text);
  }
  return text;
}
std::string TextOf(const std::vector<IssueCoupon>& users) {
  std::string text;
  for (const IssueCoupon& user : users) AppendText(user.user_id, text);
  return text;
}

/// Fields by their names.
class Fields {
 public:
  template <typename Value>
  void Add(std::string_view name, const Value& value) {
    AppendText(name, bytes_);
    AppendText(TextOf(value), bytes_);
  }
  template <typename Value>
  void Add(std::string_view name, const std::optional<Value>& value) {
    if (value) Add(name, *value);
  }
  [[nodiscard]] std::string Take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace

Mapped<MappedText> MapIdempotencyKey(const std::string& key, const MappedText& in_message) {
  auto given = MapIdText(kIdempotencyKeyField, key);
  if (!given) {
    return connect::BadHeader(kIdempotencyKeyField.name, std::move(given.error().message));
  }
  if (in_message.normal().empty()) return *std::move(given);
  if (in_message.normal() != given->normal()) {
    return InvalidField(kRequestIdField.name,
                        "differs from the header Idempotency-Key, which says the same; give one of "
                        "them");
  }
  return in_message;
}

Mapped<std::string> MapRequestId(const std::string& in_message,
                                 const std::optional<std::string>& idempotency_key) {
  const MappedText request_id = TRY(MapIdText(kRequestIdField, in_message));
  if (!idempotency_key) return request_id.normal();
  const std::string key = TRY(connect::ReadIdempotencyKey(*idempotency_key));
  const MappedText given = TRY(MapIdempotencyKey(key, request_id));
  return given.normal();
}

std::optional<RequestKey> KeyOf(ClaimDigest& claims, const std::string& request_id,
                                std::initializer_list<std::string_view> content) {
  if (request_id.empty()) return std::nullopt;
  return claims.OfRequest(request_id, content);
}

std::string ContentOf(const CreateCampaign& command) {
  Fields fields;
  fields.Add("name", command.name);
  fields.Add("total_coupons", command.total_coupons);
  if (command.start_time) {
    const bool is_relative = std::holds_alternative<std::chrono::nanoseconds>(*command.start_time);
    std::visit(
        [&](const auto& start) { fields.Add(is_relative ? "start_in" : "start_time", start); },
        *command.start_time);
  }
  fields.Add("end_time", UnlessIs(kNever, command.end_time));
  fields.Add("description", UnlessIs(std::string(), command.description));
  fields.Add("metadata", UnlessIs(std::vector<MetadataEntry>(), command.metadata));
  fields.Add("coupons_per_user", UnlessIs(std::uint32_t{1}, command.coupons_per_user));
  fields.Add("user_required", UnlessIs(false, command.user_required));
  fields.Add("redeem_start_time", UnlessIs(kAlways, command.redeem_start_time));
  fields.Add("expire_time", UnlessIs(kNever, command.expire_time));
  fields.Add("valid_duration", UnlessIs(kUnlimited, command.valid_duration));
  fields.Add("redeem_by_holder_only", UnlessIs(false, command.redeem_by_holder_only));
  return std::move(fields).Take();
}

std::string ContentOf(const UpdateCampaign& command) {
  const TermChanges& changes = command.changes;
  Fields fields;
  fields.Add("id", FormatUuid(command.campaign_id.bytes));
  fields.Add("if_revision", command.if_revision);
  fields.Add("name", changes.name);
  fields.Add("total_coupons", changes.total_coupons);
  fields.Add("start_time", changes.start_time);
  fields.Add("end_time", changes.end_time);
  fields.Add("description", changes.description);
  fields.Add("metadata", changes.metadata);
  fields.Add("coupons_per_user", changes.coupons_per_user);
  fields.Add("user_required", changes.user_required);
  fields.Add("redeem_start_time", changes.redeem_start_time);
  fields.Add("expire_time", changes.expire_time);
  fields.Add("valid_duration", changes.valid_duration);
  fields.Add("redeem_by_holder_only", changes.redeem_by_holder_only);
  return std::move(fields).Take();
}

std::string ContentOf(const BatchIssueCoupons& command) {
  Fields fields;
  fields.Add("id", FormatUuid(command.campaign_id.bytes));
  if (command.anonymous > 0) fields.Add("count", command.anonymous);
  if (!command.users.empty()) fields.Add("user_ids", command.users);
  fields.Add("allow_partial", UnlessIs(false, command.allow_partial));
  return std::move(fields).Take();
}

}  // namespace coupond::api

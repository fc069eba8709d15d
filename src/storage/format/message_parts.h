#ifndef COUPOND_STORAGE_FORMAT_MESSAGE_PARTS_H_
#define COUPOND_STORAGE_FORMAT_MESSAGE_PARTS_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/protobuf_fields.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/serial_ranges.h"
#include "storage/format/event_messages.h"

/// What the messages of several kinds of events have in common.
namespace coupond::storage {

template <typename Tag>
std::string_view Bytes(const StrongBytes16<Tag>& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

/// Reads the field `name`, which must have 16 bytes.
template <typename Tag>
Status GetBytes(const std::string& from, std::string_view name, StrongBytes16<Tag>& to) {
  if (from.size() != to.bytes.size()) return Undecodable(std::string(name) + " is not 16 bytes");
  std::copy(from.begin(), from.end(), to.bytes.begin());
  return {};
}

/// Appends the two fields of a request key, which are absent together.
template <typename Message>
void WriteRequest(const std::optional<RequestKey>& request, std::string& out) {
  if (!request) return;
  protobuf::AppendBytes(Message::kRequestKeyFieldNumber, Bytes(request->digest), out);
  protobuf::AppendPresentFixed64(Message::kRequestContentFieldNumber,
                                 static_cast<std::int64_t>(request->content), out);
}

/// Reads the event's request key, if it has one.
template <typename Message, typename Kind>
Status ReadRequest(const Message& from, Kind& to) {
  if (from.has_request_key() != from.has_request_content()) {
    return Undecodable(std::string(kKindName<Kind>) + " has half a request key");
  }
  if (!from.has_request_key()) return {};
  RequestKey& request = to.request.emplace();
  request.content = from.request_content();
  return GetBytes(from.request_key(), "request_key", request.digest);
}

/// Finds what is wrong with the serials that an event gives a campaign.
inline Status CheckSerials(std::string_view event, SerialRange serials) {
  if (serials.first.value() == 0) {
    return Undecodable(std::string(event) + " has no first serial");
  }
  if (serials.first.value() > std::numeric_limits<std::uint64_t>::max() - serials.count) {
    return Undecodable(std::string(event) + " has serials beyond 64 bits");
  }
  return {};
}

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_MESSAGE_PARTS_H_

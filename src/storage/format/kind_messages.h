#ifndef COUPOND_STORAGE_FORMAT_KIND_MESSAGES_H_
#define COUPOND_STORAGE_FORMAT_KIND_MESSAGES_H_

#include <string>

#include "base/error.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/rules/event.h"

/// How each kind of event becomes its message in commit_group.proto, and back. Each kind has three
/// functions:
///
/// - Check finds what is wrong with an event in itself. Writing and reading share it, so nothing is
///   written that could not be read.
/// - Write appends the fields of the event's message, in the order of their numbers, and returns
///   which field of v1::Event holds such a message.
/// - Read fills in a new event from its message.
///
/// Those of campaigns are defined in campaign_messages.cc, those of what becomes of issued coupons
/// in coupon_messages.cc, and the others in event_messages.cc.
namespace coupond::storage {

// NOLINTBEGIN(bugprone-macro-parentheses): a type takes no parentheses.
#define COUPOND_DECLARE(Kind, name)               \
  [[nodiscard]] Status Check(const Kind& event);  \
  int Write(const Kind& event, std::string& out); \
  [[nodiscard]] Status Read(const v1::Kind& from, Kind& to);
// NOLINTEND(bugprone-macro-parentheses)
COUPOND_FOR_EACH_EVENT_KIND(COUPOND_DECLARE)
#undef COUPOND_DECLARE

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_KIND_MESSAGES_H_

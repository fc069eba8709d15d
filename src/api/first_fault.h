#ifndef COUPOND_API_FIRST_FAULT_H_
#define COUPOND_API_FIRST_FAULT_H_

#include <optional>

#include "engine/ports/clock.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "rpc/connect/error.h"

namespace google::protobuf {
class Descriptor;
}  // namespace google::protobuf

/// Puts the faults of a request's fields in one order, that of the fields' numbers, although two
/// look for them: the mapping refuses what no command can express, the rules what no command may
/// say (engine/rules/command_faults.h). start_in is another way to give start_time, and has its
/// place.
///
/// A mapping goes through the fields in this order and stops at the first fault. What it has mapped
/// by then are the fields before it, so a fault that the rules find there is the first.
///
/// Any thread.
namespace coupond::api {

/// Returns the fault that is told of a request that cannot be mapped: `of_rules`, which the rules
/// find in what was mapped, if its field comes before that of `of_mapping`. `fields` is the message
/// that has the fields which the rules judge. Of the mapping's faults of other fields, that of
/// a missing campaign.id comes first, when nothing has been mapped that the rules could find a
/// fault in; the others come after these.
[[nodiscard]] connect::Error FirstFault(const google::protobuf::Descriptor& fields,
                                        connect::Error of_mapping,
                                        std::optional<RefusalReason> of_rules);

/// Returns the fault that `find` returns for the time. While it is disputed what time it is, that
/// must be the same at both times, otherwise this returns nullopt: what depends on a disputed time
/// is not decided. A fault of a later field is then told in its stead, which is one at any time.
template <typename Find>
[[nodiscard]] std::optional<RefusalReason> FaultAt(const ClockReading& now, const Find& find) {
  const std::optional<RefusalReason> fault = find(now.now);
  if (now.disputed && find(*now.disputed) != fault) return std::nullopt;
  return fault;
}

}  // namespace coupond::api

#endif  // COUPOND_API_FIRST_FAULT_H_

#ifndef COUPOND_STORAGE_FORMAT_EVENT_SCAN_H_
#define COUPOND_STORAGE_FORMAT_EVENT_SCAN_H_

#include <string_view>

/// Looks for kinds of events in a group's payload without decoding it, which takes a fraction of
/// the time. Pure functions, any thread.
namespace coupond::storage {

/// Reports whether the payload has an event that says why users' texts are missing in the log: a
/// UserErased, an ErasureFinished, or a StoreRestored, before which others may have been lost.
/// Bytes that are no payload may be reported, too.
[[nodiscard]] bool TellsOfMissingTexts(std::string_view payload);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_EVENT_SCAN_H_

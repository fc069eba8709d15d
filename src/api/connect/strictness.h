#ifndef COUPOND_API_CONNECT_STRICTNESS_H_
#define COUPOND_API_CONNECT_STRICTNESS_H_

namespace coupond::connect {

/// What is refused of a request beyond what the protocols demand. By default, fields that a message
/// does not have are ignored, as Connect's own implementations do, so that newer clients can speak
/// to older servers.
struct Strictness {
  /// Refuse all that would be ignored: unknown fields, and parameters of the query.
  bool refuses_unknown = false;
  /// Refuse "" in JSON as the value of a string field, which would count as absent: the messages do
  /// not tell the two apart.
  bool refuses_empty_strings = false;
};

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_STRICTNESS_H_

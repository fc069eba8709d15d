#ifndef COUPOND_RPC_JSON_STRICTNESS_H_
#define COUPOND_RPC_JSON_STRICTNESS_H_

namespace coupond::connect {

/// The checks on a request beyond those that the protocols demand. By default, fields that a
/// message does not have are ignored, as in Connect's own implementations, so that newer clients
/// can talk to older servers.
struct Strictness {
  /// True to refuse everything that would otherwise be ignored: unknown fields and query
  /// parameters.
  bool refuses_unknown = false;
  /// True to refuse "" in JSON as the value of a string field. It would count as absent, because
  /// the messages do not tell the two apart.
  bool refuses_empty_strings = false;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_STRICTNESS_H_

#ifndef COUPOND_RPC_CONNECT_METADATA_H_
#define COUPOND_RPC_CONNECT_METADATA_H_

#include <string>
#include <utility>
#include <vector>

namespace coupond::connect {

/// What travels beside messages: names and values of header or trailer fields, in order; a name may
/// come several times. The value of a name that ends with "-bin" is base64.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// What an answer has beside its messages. How trailers travel is the protocol's business.
struct AnswerMetadata {
  Metadata headers;
  Metadata trailers;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_METADATA_H_

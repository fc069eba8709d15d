#ifndef COUPOND_RPC_CONNECT_METADATA_H_
#define COUPOND_RPC_CONNECT_METADATA_H_

#include "rpc/http/handler.h"

namespace coupond::connect {

/// Header or trailer fields that accompany messages, in order. A name may occur several times. The
/// value of a name that ends with "-bin" is base64.
using Metadata = http::FieldList;

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_METADATA_H_

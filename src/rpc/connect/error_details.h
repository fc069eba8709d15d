#ifndef COUPOND_RPC_CONNECT_ERROR_DETAILS_H_
#define COUPOND_RPC_CONNECT_ERROR_DETAILS_H_

#include <string_view>

#include "rpc/connect/error.h"

/// The details by which programs tell errors apart, whatever the service: google.rpc's ErrorInfo,
/// BadRequest and RetryInfo. Sources: https://google.aip.dev/193 and error_details.proto.
namespace coupond::connect {

/// Adds what the error's members say. Called once, where the error becomes an answer, so that
/// those who make errors name only the cause:
///
///   ErrorInfo    always: the reason, the domain, the facts
///   BadRequest   if there is a field, with the message as its description
///   RetryInfo    if there is a delay, and Retry-After, which is the same rounded up
///
/// `domain` says whose reasons these are, "coupond". Without one there are no details, only
/// Retry-After.
void AddStandardDetails(std::string_view domain, Error& error);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ERROR_DETAILS_H_

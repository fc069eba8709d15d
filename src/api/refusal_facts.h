#ifndef COUPOND_API_REFUSAL_FACTS_H_
#define COUPOND_API_REFUSAL_FACTS_H_

#include "engine/rules/refusal.h"
#include "rpc/connect/error.h"

namespace coupond::api {

/// Adds the number with which the caller of a refused command can go on, if the refusal tells one:
/// for programs as a fact, and for people in the message, in the place of each '#'. Any thread.
void AddFact(const Refusal& refusal, connect::Error& error);

}  // namespace coupond::api

#endif  // COUPOND_API_REFUSAL_FACTS_H_

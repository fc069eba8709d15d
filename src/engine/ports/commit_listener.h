#ifndef COUPOND_ENGINE_PORTS_COMMIT_LISTENER_H_
#define COUPOND_ENGINE_PORTS_COMMIT_LISTENER_H_

#include <memory>

#include "engine/ports/commit_group.h"

namespace coupond {

/// Called with every commit group once it is durable, in order, on the sequencer's thread.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  /// `tip` is where the log ends with this group. Waiting here holds up all commands.
  virtual void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_COMMIT_LISTENER_H_

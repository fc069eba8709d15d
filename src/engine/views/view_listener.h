#ifndef COUPOND_ENGINE_VIEWS_VIEW_LISTENER_H_
#define COUPOND_ENGINE_VIEWS_VIEW_LISTENER_H_

#include "engine/ports/view_store.h"

namespace coupond {

/// Called with all changes of the views, in order, on the projector's thread.
class ViewListener {
 public:
  virtual ~ViewListener() = default;
  /// Called when the changes have been written, so that readers of the views see them. Waiting here
  /// holds up all queries.
  virtual void OnViewChanges(const ViewChanges& changes) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_VIEW_LISTENER_H_

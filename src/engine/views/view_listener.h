#ifndef COUPOND_ENGINE_VIEWS_VIEW_LISTENER_H_
#define COUPOND_ENGINE_VIEWS_VIEW_LISTENER_H_

#include "engine/ports/view_store.h"

namespace coupond {

/// Told of everything that the views show, in order, on the projector's thread.
class ViewListener {
 public:
  virtual ~ViewListener() = default;
  /// The changes have been written, and whoever reads the views from now on sees them. Waiting here
  /// holds up all queries.
  virtual void OnViewChanges(const ViewChanges& changes) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_VIEW_LISTENER_H_

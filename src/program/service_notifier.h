#ifndef COUPOND_PROGRAM_SERVICE_NOTIFIER_H_
#define COUPOND_PROGRAM_SERVICE_NOTIFIER_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace coupond {

/// Where a service manager expects messages about the service that it has started.
struct ServiceManager {
  /// The path of a datagram socket, or "@" and an abstract name; empty without a manager.
  std::string socket;
  /// The time after which the manager ends a service that is silent; nullopt if it does not.
  std::optional<std::chrono::nanoseconds> watchdog;

  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  [[nodiscard]] static ServiceManager FromEnvironment();
};

/// Tells the service manager the state of the service: systemd for a unit with Type=notify, or a
/// container runtime that speaks its protocol. Source: sd_notify(3), "Notes".
///
/// Without a manager, nothing happens. A message that cannot be sent within a second is lost,
/// without an error: the manager's own time limits show it. Any thread.
class ServiceNotifier {
 public:
  /// The time that Starting asks for, each time.
  static constexpr std::chrono::minutes kMoreTime{2};

  explicit ServiceNotifier(ServiceManager manager = ServiceManager::FromEnvironment());

  /// The service is starting, and needs more time to do so. `status` is a line for people. Call it
  /// again well before kMoreTime is over, for as long as the start takes.
  void Starting(std::string_view status) const;
  /// The service does what it is for, after the start or after Reloading.
  void Ready(std::string_view status) const;
  /// The service reads its files again, until Ready.
  void Reloading() const;
  /// The service ends. It need not show any more that it lives.
  void Stopping(std::string_view status) const;
  /// Shows a manager that has a watchdog that the service lives. Call it at least every
  /// watchdog_interval(), and only from a thread that waits for no disk.
  void ShowLife() const;

  /// Reports whether there is a manager to notify.
  [[nodiscard]] bool has_manager() const { return socket_.valid(); }
  /// Half of the manager's time limit for silence, or nullopt if there is none.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> watchdog_interval() const;

 private:
  void Send(std::string_view message) const;

  const ServiceManager manager_;
  FileDescriptor socket_;  ///< none without a manager
};

}  // namespace coupond

#endif  // COUPOND_PROGRAM_SERVICE_NOTIFIER_H_

import CertKit
import Glibc
import Synchronization

/// The supervisor that started the daemon, told by sd_notify(3)'s protocol: one datagram of `KEY=value` lines.
///
/// Without one nothing is sent.
final class Supervisor: Sendable {
    /// How often it wants to hear that the loop is alive; nil where it does not watch.
    let watchdogInterval: Duration?
    private let socket: DatagramSocket?
    private let status = Mutex("")

    /// Takes what systemd puts into the environment.
    init(environment: [String: String], processID: Int32 = getpid()) {
        socket = environment["NOTIFY_SOCKET"].flatMap { DatagramSocket(to: $0) }
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap { Int($0) } ?? 0
        watchdogInterval = isMeant && limit > 0 && socket != nil ? .microseconds(limit / 2) : nil
    }

    /// The daemon works.
    func ready() { tell("READY=1") }

    /// The configuration is being read again; ``ready()`` says when it was.
    func reloading() {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        tell("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
    }

    /// The daemon ends.
    func stopping() { tell("STOPPING=1") }

    /// The loop is alive.
    func alive() { if watchdogInterval != nil { tell("WATCHDOG=1") } }

    /// What `systemctl status` shows; told when it has changed.
    func show(_ text: String) {
        let isNew = status.withLock { status in
            defer { status = text }
            return status != text
        }
        if isNew { tell("STATUS=\(text.printable)") }
    }

    private func tell(_ text: String) { socket?.send(Array(text.utf8)) }
}

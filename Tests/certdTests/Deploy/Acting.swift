import HAProxyKit
import Synchronization

@testable import certd

extension World {
    /// The real world, in which something is done right after HAProxy has answered a command, or before it is sent.
    static func acting(
        before: @escaping @Sendable (_ command: String) async throws(RuntimeError) -> Void = { _ in },
        after: @escaping @Sendable (_ command: String) async throws(RuntimeError) -> Void = { _ in }
    ) -> World {
        var world = World.live
        world.runtime = { socket in
            let real = RuntimeAPI(socket: socket)
            return RuntimeAPI(path: socket) { command, payload throws(RuntimeError) in
                try await before(command)
                let answer = try await real.send(command, payload)
                try await after(command)
                return answer
            }
        }
        return world
    }
}

/// Lets the first `times` of its calls through.
final class Times: Sendable {
    private let left: Mutex<Int>
    init(_ times: Int = 1) { left = Mutex(times) }

    /// Whether this is one of them.
    func next() -> Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}

/// What was sent to HAProxy.
final class Sent: Sendable {
    private let commands = Mutex<[String]>([])
    func note(_ command: String) { commands.withLock { $0.append(command) } }
    var all: [String] { commands.withLock { $0 } }
    /// Those that change something.
    var changing: [String] { all.filter { !$0.hasPrefix("show ") && !$0.contains("/certd/asks/") } }
}

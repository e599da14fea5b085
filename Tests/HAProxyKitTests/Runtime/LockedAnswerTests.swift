import HAProxyKit
import Synchronization
import Testing

/// HAProxy lets one command at a time show or change certificates, and refuses the others.
///
/// Scripted answers: how long another client holds HAProxy's lock cannot be provoked.
@Suite struct LockedAnswerTests {
    private static let locked = "Can't show!\nOperations on certificates are currently locked!\n\n"

    /// A HAProxy that is locked for the first `count` times it is asked.
    private func haproxy(lockedFor count: Int, taking time: Duration = .zero, _ asked: Asked) -> RuntimeAPI {
        RuntimeAPI(path: "/s") { _, _ throws(RuntimeError) in
            try? await Task.sleep(for: time)
            return asked.times.withLock { times in
                times += 1
                return times <= count ? Self.locked : "# filename\n/a.pem\n\n"
            }
        }
    }

    private final class Asked: Sendable {
        let times = Mutex(0)
    }

    @Test func `another client's look is waited for`() async throws {
        let asked = Asked()
        #expect(try await haproxy(lockedFor: 3, asked).certificateNames() == ["/a.pem"])
        #expect(asked.times.withLock { $0 } == 4)
        #expect(try await haproxy(lockedFor: 3, Asked()).openTransaction() == nil)
    }

    @Test func `on a host where an answer takes a second, it is asked more than once`() async throws {
        let asked = Asked()
        #expect(try await haproxy(lockedFor: 2, taking: .seconds(1), asked).certificateNames() == ["/a.pem"])
        #expect(asked.times.withLock { $0 } == 3)
    }

    @Test func `one that does not end is an error`() async throws {
        await #expect(throws: RuntimeError.locked(socket: "/s")) {
            try await haproxy(lockedFor: .max, Asked()).certificateNames()
        }
    }
}

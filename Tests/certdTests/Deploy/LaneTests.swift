import Synchronization
import Testing

@testable import certd

@Suite struct LaneTests {
    private final class Visitors: Sendable {
        private let counts = Mutex((now: 0, most: 0, all: 0))

        var most: Int { counts.withLock { $0.most } }
        var all: Int { counts.withLock { $0.all } }

        func enter() {
            counts.withLock { counts in
                counts.now += 1
                counts.all += 1
                counts.most = max(counts.most, counts.now)
            }
        }

        func leave() { counts.withLock { $0.now -= 1 } }
    }

    @Test func `one at a time is in it, and everybody comes`() async throws {
        let lane = Lane()
        let visitors = Visitors()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    await lane.alone {
                        visitors.enter()
                        await Task.yield()
                        visitors.leave()
                    }
                }
            }
        }
        #expect(visitors.most == 1)
        #expect(visitors.all == 100)
    }

    @Test func `one that fails lets the next in`() async throws {
        struct Failed: Error {}
        let lane = Lane()
        await #expect(throws: Failed.self) { try await lane.alone { throw Failed() } }
        #expect(await lane.alone { "in" } == "in")
    }
}

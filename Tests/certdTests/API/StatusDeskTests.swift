import CertKit
import FoundationEssentials
import Synchronization
import Testing

@testable import certd

/// How often the daemon looks for those who ask.
@Suite struct StatusDeskTests {
    /// Counts the looks, each of which takes until it is told to end.
    private final class Looks: Sendable {
        private let count = Mutex(0)
        private let gate = AsyncStream<Void>.makeStream()
        var number: Int { count.withLock { $0 } }

        func look() async throws -> Sight {
            let number = count.withLock { count in
                count += 1
                return count
            }
            for await _ in gate.stream { break }
            let date = Date(timeIntervalSince1970: Double(number))
            return Sight(document: StatusDocument(lineages: [], findings: [], at: date))
        }

        func end() { gate.continuation.yield() }
    }

    @Test func `many who ask at once get one look's answer`() async throws {
        let looks = Looks()
        let desk = StatusDesk { try await looks.look() }
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await desk.sight().document.checkedAt } }
            looks.end()
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(answers.count == 1 && looks.number == 1)
    }

    @Test func `who has to know how things are now gets a look that began after the question`() async throws {
        let looks = Looks()
        let desk = StatusDesk { try await looks.look() }
        looks.end()
        let first = try await desk.sight()
        looks.end()
        let fresh = try await desk.sight(fresh: true)
        #expect(looks.number == 2 && fresh !== first)
    }

    @Test func `a look that failed is told, and the next one looks again`() async throws {
        let desk = StatusDesk { throw DaemonError.ending }
        for _ in 0..<2 { await #expect(throws: DaemonError.self) { _ = try await desk.sight() } }
    }
}

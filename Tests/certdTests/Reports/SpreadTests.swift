import Synchronization
import Testing

@testable import certd

@Suite struct SpreadTests {
    @Test(arguments: [(0, 4), (1, 4), (32, 4), (33, 4), (1000, 1), (1000, 2), (1000, 7)])
    func `results come in the order of the items, each once`(count: Int, cores: Int) async {
        var results: [Int] = []
        await spread(Array(0..<count), overCores: cores, remembering: {}, { item, _ in item * 2 }) {
            results.append($0)
        }
        #expect(results == (0..<count).map { $0 * 2 })
    }

    @Test func `few results wait for an earlier one`() async {
        let done = Mutex(0)
        var taken = 0
        var most = 0
        await spread(Array(0..<4096), overCores: 4, batch: 8, remembering: {}) { item, _ in
            // The first of each batch lets others go ahead.
            if item.isMultiple(of: 8) { await Task.yield() }
            done.withLock { $0 += 1 }
            return item
        } take: { _ in
            most = max(most, done.withLock { $0 } - taken)
            taken += 1
        }
        #expect(most <= 2 * 4 * 8)
    }

    @Test func `each batch has a memory of its own, and a single one is shared where nothing is spread`() async {
        let made = Mutex(0)
        let count: @Sendable () -> Void = { made.withLock { $0 += 1 } }
        await spread(Array(0..<64), overCores: 2, batch: 32, remembering: count, { item, _ in item }) { _ in }
        #expect(made.withLock { $0 } == 2)
        await spread(Array(0..<64), overCores: 1, batch: 32, remembering: count, { item, _ in item }) { _ in }
        #expect(made.withLock { $0 } == 3)
    }
}

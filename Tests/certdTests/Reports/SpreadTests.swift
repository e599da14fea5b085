import Synchronization
import Testing

@testable import certd

@Suite struct SpreadTests {
    @Test(arguments: [(0, 4), (1, 4), (128, 4), (129, 4), (161, 4), (1000, 1), (1000, 2), (1000, 7)])
    func `results come in the order of the items, each once`(count: Int, cores: Int) async {
        var results: [Int] = []
        await spread(
            Array(0..<count), overCores: cores, patience: .zero, remembering: {}, { item, _ in item * 2 }
        ) {
            results.append($0)
        }
        #expect(results == (0..<count).map { $0 * 2 })
    }

    @Test func `few results wait for an earlier one`() async {
        let done = Mutex(0)
        var taken = 0
        var most = 0
        await spread(Array(0..<4096), overCores: 4, batch: 8, patience: .zero, remembering: {}) { item, _ in
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

    @Test(arguments: [
        (cores: 2, patience: Duration.zero, memories: 3), (cores: 2, patience: .seconds(3600), memories: 1),
        (cores: 1, patience: .zero, memories: 1),
    ])
    func `what takes long is spread after a look at how long, each batch with a memory of its own`(
        cores: Int, patience: Duration, memories: Int
    ) async {
        let made = Mutex(0)
        await spread(
            Array(0..<192), overCores: cores, batch: 32, patience: patience,
            remembering: { made.withLock { $0 += 1 } }, { item, _ in item }
        ) { _ in }
        #expect(made.withLock { $0 } == memories)
    }
}

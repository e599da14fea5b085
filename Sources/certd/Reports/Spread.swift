/// Does `work` on every item, on so many cores, and hands over the results in the order of the items.
///
/// Items go out in batches, each with a memory of its own that `remembering` makes. No more than two batches a core are
/// under way or wait for an earlier one, so few results are held however many items there are. What fits into one batch is
/// done where the caller runs: starting threads would take longer.
func spread<Item: Sendable, Memory: Sendable, Result: Sendable>(
    _ items: [Item], overCores cores: Int, batch size: Int = 32, remembering: @Sendable @escaping () -> Memory,
    _ work: @Sendable @escaping (Item, Memory) async -> Result, take: (Result) -> Void
) async {
    guard cores > 1, items.count > size else {
        let memory = remembering()
        for item in items { take(await work(item, memory)) }
        return
    }
    let batches = stride(from: 0, to: items.count, by: size).map { items[$0..<min($0 + size, items.count)] }
    await withTaskGroup(of: (Int, [Result]).self) { group in
        var waiting: [Int: [Result]] = [:]
        var taken = 0
        func begin(_ index: Int) {
            guard index < batches.count else { return }
            let batch = batches[index]
            group.addTask {
                let memory = remembering()
                var results: [Result] = []
                for item in batch { results.append(await work(item, memory)) }
                return (index, results)
            }
        }
        for index in 0..<(2 * cores) { begin(index) }
        while let (index, results) = await group.next() {
            waiting[index] = results
            while let ready = waiting.removeValue(forKey: taken) {
                for result in ready { take(result) }
                begin(taken + 2 * cores)
                taken += 1
            }
        }
    }
}

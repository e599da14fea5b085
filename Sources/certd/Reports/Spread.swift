/// Does `work` on every item, on so many cores, and hands over the results in the order of the items.
///
/// Where the caller runs, as long as that is fast: two cores share caches and at times a core's units, so each does its part
/// with more CPU time than one alone would take. As soon as twice in a row ``probe`` items took longer than `patience` each, as
/// verifying signatures or a cold disk does, the rest goes out to all cores; once may be a record that was read, or chance.
///
/// It goes out in batches, each with a memory of its own that `remembering` makes. No more than two batches a core are under
/// way or wait for an earlier one, so few results are held however many items there are.
func spread<Item: Sendable, Memory: Sendable, Result: Sendable>(
    _ items: [Item], overCores cores: Int, batch size: Int = 32, patience: Duration = .microseconds(100),
    remembering: @Sendable @escaping () -> Memory, _ work: @Sendable @escaping (Item, Memory) async -> Result,
    take: (Result) -> Void
) async {
    var left = items[...]
    let memory = remembering()
    var slow = 0
    while !left.isEmpty {
        let start = ContinuousClock.now
        let portion = left.prefix(cores > 1 ? probe : left.count)
        for item in portion { take(await work(item, memory)) }
        left = left.dropFirst(portion.count)
        slow = start.duration(to: .now) > patience * portion.count ? slow + 1 : 0
        // Starting threads for a few would take longer.
        if slow > 1, left.count > size {
            return await spreadAtOnce(left, overCores: cores, batch: size, remembering: remembering, work, take: take)
        }
    }
}

/// How many items show how long each takes.
private let probe = 64

private func spreadAtOnce<Item: Sendable, Memory: Sendable, Result: Sendable>(
    _ items: ArraySlice<Item>, overCores cores: Int, batch size: Int, remembering: @Sendable @escaping () -> Memory,
    _ work: @Sendable @escaping (Item, Memory) async -> Result, take: (Result) -> Void
) async {
    let batches = stride(from: items.startIndex, to: items.endIndex, by: size)
        .map { items[$0..<min($0 + size, items.endIndex)] }
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

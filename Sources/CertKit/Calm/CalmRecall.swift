internal import FoundationEssentials
internal import Glibc

/// A lineage by the states of its files alone.
extension CalmReader {
    /// What is remembered of `lineage`, if nothing of it was touched since and it is still nothing to tell of.
    func recall(_ lineage: Lineage, by rules: CalmRules, on now: Date) -> CalmLineage? {
        guard rules.parts == .all, let memory = rules.memory, directories.find(lineage) else { return nil }
        guard let (index, known) = memory.recall(directories.key),
            directories.states(inGeneration: UInt64(known.generation))?.digest == known.identity,
            let calm = known.calm(on: now, thresholds: rules.thresholds),
            rules.chains.endsCalmly(known.chain, below: calm.notAfter, on: now)
        else { return nil }
        memory.use(index)
        return calm
    }

    /// Remembers what was read and found calm, where its files' states will tell whether it was touched.
    func remember(_ calm: CalmLineage, chain: UInt64, renewal: RenewalFile, by rules: CalmRules, on now: Date) {
        guard rules.parts == .all, rules.evidence == .signature, let memory = rules.memory,
            let states = directories.states(inGeneration: links.generation, of: links.archive),
            states.lastChange < CalmReader.limit(on: now)
        else { return }
        let overdue = RenewalDate(notBefore: calm.notBefore, notAfter: calm.notAfter, by: renewal)?.overdue
        let entry = RememberedCalm(
            calm, overdue: overdue, key: directories.key, identity: states.digest, chain: chain,
            generation: links.generation)
        if let entry { memory.remember(entry) }
    }
}

extension CalmDirectories {
    /// The states of all that a verdict on the lineage rests on, which was found; nil where anything is missing, or the
    /// archive is not the directory that the links led to.
    ///
    /// As long as the lineage's own directory is as it was, so are the links in it.
    func states(inGeneration number: UInt64, of expected: FilePlace? = nil) -> FileStates? {
        guard let files else { return nil }
        var states = FileStates(of: key)
        guard add("", in: files.live, 0, to: &states) != nil, let place = add("", in: files.archive, 0, to: &states),
            expected == nil || expected == place
        else { return nil }
        let names: [4 of StaticString] = ["/cert", "/chain", "/fullchain", "/privkey"]
        for index in names.indices {
            name.replace(from: nameCount, with: names[index], number: number, and: ".pem")
            guard unsafe name.withText({ unsafe states.add(in: files.archive, AT_SYMLINK_NOFOLLOW, $0) }) != nil else {
                return nil
            }
        }
        return add(".conf", in: files.renewal, AT_SYMLINK_NOFOLLOW, to: &states) == nil ? nil : states
    }

    private func add(_ end: StaticString, in directory: CInt, _ flags: CInt, to states: inout FileStates) -> FilePlace?
    {
        name.replace(from: nameCount, with: end)
        return unsafe name.withText { unsafe states.add(in: directory, flags, $0) }
    }
}

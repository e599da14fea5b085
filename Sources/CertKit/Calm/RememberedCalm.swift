internal import FoundationEssentials

/// What is remembered of a calm lineage: eight words, each of eight bytes with the highest first.
struct RememberedCalm: Equatable {
    /// Finds the entry, by the lineage's name.
    let key: UInt64
    /// The first half of the SHA-256 of the identities of all that it rests on.
    let identity: FileStates.Digest
    /// The first eight bytes of the SHA-256 of chain.pem.
    let chain: UInt64
    /// The leaf's dates, in seconds since 1970.
    let notBefore: Int64
    let notAfter: Int64
    /// From when on certbot is late with renewing it, in seconds since 1970.
    let overdue: Int64
    /// The number of the generation.
    let generation: UInt64

    static let wordWidth = 8
    static let width = 8 * wordWidth

    static func bytes(of word: UInt64) -> [UInt8] {
        [UInt8](capacity: wordWidth) { output in append(word, to: &output) }
    }

    private static func append(_ word: UInt64, to output: inout OutputSpan<UInt8>) {
        for place in 1...wordWidth { output.append(UInt8(truncatingIfNeeded: word >> UInt64(64 - 8 * place))) }
    }

    var bytes: [UInt8] {
        [UInt8](capacity: Self.width) { output in
            let words: [8 of UInt64] = [
                key, identity.high, identity.low, chain, UInt64(bitPattern: notBefore), UInt64(bitPattern: notAfter),
                UInt64(bitPattern: overdue), generation,
            ]
            for index in words.indices { Self.append(words[index], to: &output) }
        }
    }
}

extension RememberedCalm {
    /// Reads an entry.
    init(_ entry: Span<UInt8>) {
        func word(_ index: Int) -> UInt64 { entry.word(at: index * Self.wordWidth) }
        key = word(0)
        identity = FileStates.Digest(high: word(1), low: word(2))
        chain = word(3)
        notBefore = Int64(bitPattern: word(4))
        notAfter = Int64(bitPattern: word(5))
        overdue = Int64(bitPattern: word(6))
        generation = word(7)
    }

    /// What there is to tell of it at the time `now` if nobody would find fault with its dates.
    func calm(on now: Date, thresholds: Thresholds) -> CalmLineage? {
        let calm = CalmLineage(
            notBefore: Date(timeIntervalSince1970: Double(notBefore)),
            notAfter: Date(timeIntervalSince1970: Double(notAfter)))
        guard calm.isInTime(on: now, thresholds: thresholds), now.timeIntervalSince1970 <= Double(overdue) else {
            return nil
        }
        return calm
    }
}

extension CalmLineage {
    /// Whether the leaf is valid and has more time left than whoever is to be warned asks for.
    func isInTime(on now: Date, thresholds: Thresholds) -> Bool {
        notBefore <= now && now <= notAfter
            && thresholds.severity(notBefore: notBefore, notAfter: notAfter, on: now) == nil
    }
}

extension Span<UInt8> {
    /// The eight bytes at `place`, the highest first.
    func word(at place: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in place..<place + 8 { word = word << 8 | UInt64(self[index]) }
        return word
    }
}

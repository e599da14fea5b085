internal import FoundationEssentials

/// What is remembered of a calm lineage, in 52 bytes: there may be 100,000.
struct RememberedCalm: Equatable {
    /// Finds the entry, by the lineage's name.
    let key: UInt64
    /// The first half of the SHA-256 of the identities of all that it rests on.
    let identity: FileStates.Digest
    /// The first eight bytes of the SHA-256 of chain.pem.
    let chain: UInt64
    /// The leaf's notBefore, in seconds since 1970.
    let notBefore: Int64
    /// The seconds from there to its notAfter.
    let lifetime: UInt32
    /// The seconds from notBefore until certbot is late with renewing it; the largest number where it never is.
    let overdueAfter: UInt32
    /// The number of the generation.
    let generation: UInt32

    static let keyWidth = 8
    static let width = 52

    /// Nil where a number does not fit.
    init?(
        _ calm: CalmLineage, overdue: Date?, key: UInt64, identity: FileStates.Digest, chain: UInt64, generation: UInt64
    ) {
        let start = calm.notBefore.timeIntervalSince1970
        guard let lifetime = UInt32(exactly: calm.notAfter.timeIntervalSince1970 - start),
            let generation = UInt32(exactly: generation)
        else { return nil }
        (self.key, self.identity, self.chain) = (key, identity, chain)
        notBefore = Int64(start)
        self.lifetime = lifetime
        // Rounded down: in its last second it is looked at in full.
        let seconds = overdue.map { $0.timeIntervalSince1970.rounded(.down) - start }
        overdueAfter = seconds.map { UInt32(exactly: min(max($0, 0), Double(UInt32.max))) ?? 0 } ?? .max
        self.generation = generation
    }

    static func bytes(of key: UInt64) -> [UInt8] {
        [UInt8](capacity: keyWidth) { output in append(key, to: &output) }
    }

    /// Each number with its highest byte first, in the order of their declaration.
    var bytes: [UInt8] {
        [UInt8](capacity: Self.width) { output in
            for word in [key, identity.high, identity.low, chain, UInt64(bitPattern: notBefore)] {
                Self.append(word, to: &output)
            }
            for word in [lifetime, overdueAfter, generation] { Self.append(word, to: &output) }
        }
    }

    private static func append(_ word: some FixedWidthInteger, to output: inout OutputSpan<UInt8>) {
        for place in 1...word.bitWidth / 8 {
            output.append(UInt8(truncatingIfNeeded: word >> (word.bitWidth - 8 * place)))
        }
    }
}

extension RememberedCalm {
    /// Reads an entry.
    init(_ entry: Span<UInt8>) {
        key = entry.number(at: 0)
        identity = FileStates.Digest(high: entry.number(at: 8), low: entry.number(at: 16))
        chain = entry.number(at: 24)
        notBefore = Int64(bitPattern: entry.number(at: 32))
        lifetime = entry.number(at: 40)
        overdueAfter = entry.number(at: 44)
        generation = entry.number(at: 48)
    }

    /// What there is to tell of it at the time `now` if nobody would find fault with its dates.
    func calm(on now: Date, thresholds: Thresholds) -> CalmLineage? {
        let start = Date(timeIntervalSince1970: Double(notBefore))
        let calm = CalmLineage(notBefore: start, notAfter: start + Double(lifetime))
        guard calm.isInTime(on: now, thresholds: thresholds),
            overdueAfter == .max || now <= start + Double(overdueAfter)
        else { return nil }
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
    /// The number at `place`, its highest byte first.
    func number<Number: FixedWidthInteger & UnsignedInteger>(at place: Int) -> Number {
        var number: Number = 0
        for index in place..<place + Number.bitWidth / 8 { number = number << 8 | Number(self[index]) }
        return number
    }
}

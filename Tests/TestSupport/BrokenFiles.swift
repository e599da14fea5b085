/// Random numbers that are the same in every run (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Begins anew with `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Changes that break the shape of DER, as a torn or hostile file has it.
public func mutatedBytes(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    guard !bytes.isEmpty else { return bytes }
    var bytes = bytes
    let place = Int.random(in: 0..<bytes.count, using: &generator)
    let end = min(bytes.count, place + Int.random(in: 1...16, using: &generator))
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 2: bytes[place] = [0x00, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff].randomElement(using: &generator) ?? 0
    case 3: bytes.removeLast(bytes.count - place)
    case 4: bytes.removeSubrange(place..<end)
    case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
    default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    }
    return bytes
}

/// Changes of a PEM text as files are broken: bytes, lines, whole blocks.
public func mutatedText(_ text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    Bool.random(using: &generator)
        ? mutatedCharacters(text, using: &generator) : mutatedBlocks(text, using: &generator)
}

/// Bits and bytes, cuts, repeats, line ends.
private func mutatedCharacters(_ text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    guard !text.isEmpty else { return text }
    var text = text
    let place = Int.random(in: 0..<text.count, using: &generator)
    let end = min(text.count, place + Int.random(in: 1...2_000, using: &generator))
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: text.removeSubrange(place...)
    case 1: text.removeSubrange(place..<end)
    case 2: text.insert(contentsOf: text[place..<end], at: place)
    case 3: text.replaceSubrange(place..<end, with: repeatElement(0, count: end - place))
    case 4:
        let ends: [[UInt8]] = [[], [13, 10], [13], [10, 10], [32, 10], [10, 32], [0, 10]]
        let change = ends.randomElement(using: &generator) ?? []
        text = text.split(separator: 10, omittingEmptySubsequences: false).map(Array.init).joined(separator: change)
            .map { $0 }
    default: text = mutatedBytes(text, using: &generator)
    }
    return text
}

/// Blocks in another order, twice, missing, nested, or under another label.
private func mutatedBlocks(_ text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var lines = text.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    let starts = lines.indices.filter { lines[$0].starts(with: Array("-----BEGIN".utf8)) }
    let ends = lines.indices.filter { lines[$0].starts(with: Array("-----END".utf8)) }
    guard let start = starts.randomElement(using: &generator), let end = ends.first(where: { $0 > start }),
        let other = starts.randomElement(using: &generator)
    else { return text }
    let block = lines[start...end]
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: lines.removeSubrange(start...end)
    case 1: lines.insert(contentsOf: block, at: other)
    case 2:
        lines.removeSubrange(start...end)
        lines.append(contentsOf: block)
    case 3: lines.insert(contentsOf: block, at: Int.random(in: start...end, using: &generator))
    case 4:
        let labels = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PRIVATE KEY", "EC PARAMETERS", ""]
        let label = labels.randomElement(using: &generator) ?? ""
        lines[start] = Array("-----BEGIN \(label)-----".utf8)
        lines[end] = Array("-----END \(label)-----".utf8)
    default: lines.remove(at: Bool.random(using: &generator) ? start : end)
    }
    return Array(lines.joined(separator: [10]))
}
